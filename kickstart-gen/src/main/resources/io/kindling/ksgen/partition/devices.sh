# ---- Finding a disk --------------------------------------------------------------------------------

# paths_of NAME: sets PATHS to the kernel names of a disk's paths: of a multipath map those below it, of
# a disk behind several controllers all of the same world-wide name and size, else the disk alone.
paths_of() {
  PATHS=''
  value "/sys/class/block/$1/dm/uuid"
  case $VALUE in
    mpath-*)
      for one_path in "/sys/class/block/$1/slaves/"*; do
        if [ -e "$one_path" ]; then PATHS="${PATHS:+$PATHS }${one_path##*/}"; fi
      done
      ;;
  esac
  [ -z "$PATHS" ] || return 0
  PATHS=$1
  wide_name "$1"
  [ -n "$WIDE_NAME" ] || return 0
  wanted_name=$WIDE_NAME
  for one_path in /sys/block/sd*; do
    if [ "${one_path##*/}" = "$1" ] || ! [ -e "$one_path" ]; then continue; fi
    wide_name "${one_path##*/}"
    if [ "$WIDE_NAME" = "$wanted_name" ] && same_unit "$1" "${one_path##*/}"; then
      PATHS="$PATHS ${one_path##*/}"
    fi
  done
}

# same_unit NAME NAME: what both tell of their serial number (SPC, page 80h) is the same: some bridges
# give every drive behind them one world-wide name.
same_unit() {
  first_page=/sys/class/block/$1/device/vpd_pg80
  other_page=/sys/class/block/$2/device/vpd_pg80
  if ! [ -r "$first_page" ] || ! [ -r "$other_page" ]; then return 0; fi
  [ "$(md5sum <"$first_page")" = "$(md5sum <"$other_page")" ]
}

# wide_name NAME: sets WIDE_NAME to a SCSI disk's registered name and size; empty where it has none.
wide_name() {
  WIDE_NAME=''
  value "/sys/class/block/$1/device/wwid"
  case $VALUE in
    naa.*[!0fF]* | eui.*[!0fF]*)
      WIDE_NAME=$VALUE
      value "/sys/class/block/$1/size"
      WIDE_NAME=$WIDE_NAME/$VALUE
      ;;
  esac
}

follow() {
  [ -e "/dev/$1" ] || return 0
  real=$(readlink -f "/dev/$1") || return 0
  [ -b "$real" ] || return 0
  kernel_name "$real"
  paths_of "$KERNEL"
  if [ -z "$DEV" ]; then
    node "${PATHS%% *}"
    DEV=$NODE FIRST=$1 ALL_PATHS=$PATHS
  else
    case " $ALL_PATHS " in
      *" ${PATHS%% *} "*) ;;
      *) DISAGREE="$1 leads to $real, $FIRST to $DEV" ;;
    esac
  fi
}

# tell_identity NAME: sets SERIALS and MODELS, a line for each the system tells of a disk.
tell_identity() {
  SERIALS='' MODELS=''
  told "$(
    value "/sys/class/block/$1/serial" && printf 'ID_SERIAL=%s\n' "$VALUE"
    value "/sys/class/block/$1/device/serial" && printf 'ID_SERIAL=%s\n' "$VALUE"
    value "/sys/class/block/$1/device/model" && printf 'ID_MODEL=%s\n' "$VALUE"
    if have udevadm && [ -e /run/udev/control ]; then
      udevadm info -q property -n "$2" 2>/dev/null || :
    elif have lsblk; then
      printf 'ID_SERIAL=%s\n' "$(lsblk -dn -o SERIAL "$2" 2>/dev/null)"
      printf 'ID_MODEL=%s\n' "$(lsblk -dn -o MODEL "$2" 2>/dev/null)"
    fi
  )"
}

told() {
  while IFS='=' read -r key text; do
    case $key in
      ID_SERIAL | ID_SERIAL_SHORT | ID_SCSI_SERIAL | SCSI_IDENT_SERIAL)
        plain "$text"
        [ -z "$PLAIN" ] || SERIALS="$SERIALS$PLAIN
"
        ;;
      ID_MODEL)
        plain "$text"
        [ -z "$PLAIN" ] || MODELS="$MODELS$PLAIN
"
        ;;
    esac
  done <<END
$1
END
}

# has_line LINES LINE
has_line() {
  case "
$1" in *"
$2
"*) return 0 ;; esac
  return 1
}

# Where no link exists (no udev): the one disk of that serial number and size.
find_by_serial() {
  [ -n "$SERIAL" ] || return 0
  plain "$SERIAL"
  want=$PLAIN
  for sys in /sys/block/*; do
    name=${sys##*/}
    case $name in loop* | ram* | zram* | dm-* | md* | sr* | fd* | nbd*) continue ;; esac
    value "$sys/size"
    [ "$((${VALUE:-0} * 512))" = "$BYTES" ] || continue
    node "$name"
    tell_identity "$name" "$NODE"
    has_line "$SERIALS" "$want" || continue
    if [ -n "$DEV" ]; then
      case " $ALL_PATHS " in *" $name "*) continue ;; esac
      DISAGREE="$DEV and $NODE have its serial number $SERIAL"
      return 0
    fi
    DEV=$NODE
    paths_of "$name"
    ALL_PATHS=$PATHS
  done
}

# find_disk INDEX: sets the plan's values, DEV (empty where not found), KNAME and DISAGREE.
find_disk() {
  INDEX=$1
  describe "$1"
  DEV='' FIRST='' DISAGREE='' KNAME='' ALL_PATHS=''
  links "$1" follow
  if [ -z "$DEV" ]; then find_by_serial; fi
  if [ -n "$DEV" ]; then
    kernel_name "$DEV"
    KNAME=$KERNEL
  fi
}

# locate INDEX: the same, as the check has found it; sets SECTOR too.
locate() {
  INDEX=$1
  describe "$1"
  eval "DEV=\$FOUND_$1 ALL_PATHS=\$PATHS_$1"
  kernel_name "$DEV"
  KNAME=$KERNEL
  value "/sys/class/block/$KNAME/queue/logical_block_size"
  SECTOR=$VALUE
}

# ---- What stands on a disk -------------------------------------------------------------------------

# roots: sets ROOTS to the kernel names of what the plan clears of the disk in hand: the disk, by each
# of its paths; where its table stays, those of its partitions that are not kept.
roots() {
  ROOTS=''
  if [ -z "$KEEP_TABLE" ]; then
    ROOTS=$ALL_PATHS
    return
  fi
  for one_path in $ALL_PATHS; do
    for entry in "/sys/class/block/$one_path/$one_path"*/partition; do
      value "$entry"
      if [ -n "$VALUE" ] && ! is_kept "$INDEX" "$VALUE"; then
        entry=${entry%/partition}
        ROOTS="${ROOTS:+$ROOTS }${entry##*/}"
      fi
    done
  done
}

# is_kept INDEX NUMBER
is_kept() {
  KEPT_NUMBERS=' '
  kept "$1" add_kept_number
  case $KEPT_NUMBERS in *" $2 "*) return 0 ;; esac
  return 1
}

add_kept_number() { KEPT_NUMBERS="$KEPT_NUMBERS$1 "; }

# tree NAMES: sets TREE to the kernel names of devices, their partitions and everything on top, the
# devices first; UPWARDS: what is on top first.
tree() {
  TREE='' UPWARDS='' queue=$1
  while [ -n "$queue" ]; do
    one=${queue%% *}
    case $queue in *' '*) queue=${queue#* } ;; *) queue='' ;; esac
    case " $TREE " in *" $one "*) continue ;; esac
    TREE="$TREE $one"
    UPWARDS="$one $UPWARDS"
    for below in "/sys/class/block/$one/$one"*/partition; do
      if [ -e "$below" ]; then
        below=${below%/partition}
        queue="${queue:+$queue }${below##*/}"
      fi
    done
    for below in "/sys/class/block/$one/holders/"*; do
      if [ -e "$below" ]; then queue="${queue:+$queue }${below##*/}"; fi
    done
  done
}

# bases NAME: sets BASES to what a device lies on: whole disks; of disks whose table stays, partitions.
bases() {
  BASES='' queue=$1
  while [ -n "$queue" ]; do
    one=${queue%% *}
    case $queue in *' '*) queue=${queue#* } ;; *) queue='' ;; esac
    if [ -e "/sys/class/block/$one/partition" ]; then
      for whole in /sys/block/*; do
        if ! [ -e "$whole/$one" ]; then continue; fi
        case " $TABLES_KEPT " in
          *" ${whole##*/} "*) BASES="$BASES $one" ;;
          *) queue="${queue:+$queue }${whole##*/}" ;;
        esac
      done
      continue
    fi
    found=no
    for under in "/sys/class/block/$one/slaves/"*; do
      if [ -e "$under" ]; then
        found=yes
        queue="${queue:+$queue }${under##*/}"
      fi
    done
    if [ "$found" = no ]; then BASES="$BASES $one"; fi
  done
}

# planned NAME: true for what the plan clears; sets OWNER to the index of its disk.
planned() {
  case $CLEARED in
    *" $1="*)
      OWNER=${CLEARED#*" $1="}
      OWNER=${OWNER%% *}
      return 0
      ;;
  esac
  return 1
}

# mounts_of NAME: sets NODE, and MOUNTED to where a device is mounted, a line each (octal escapes for
# blanks).
mounts_of() {
  MOUNTED=''
  value "/sys/class/block/$1/dev"
  node "$1"
  while read -r _ _ at_number _ at rest; do
    source=${rest##* - }
    source=${source#* }
    source=${source%% *}
    if [ "$at_number" = "$VALUE" ] || [ "$source" = "$NODE" ]; then
      MOUNTED="$MOUNTED$at
"
    fi
  done </proc/self/mountinfo
  # Of a file system over several devices only one stands there.
  if [ -z "$MOUNTED" ]; then
    for member in /sys/fs/btrfs/*/devices/"$1"; do
      if [ -e "$member" ]; then
        member=${member%/devices/*}
        MOUNTED="(btrfs ${member##*/})
"
      fi
    done
  fi
}

swap_in_use() {
  while read -r file _; do
    if [ "$file" = "$1" ]; then return 0; fi
  done </proc/swaps
  return 1
}

in_target() {
  [ -n "$TARGET" ] || return 1
  case $1 in "$TARGET" | "$TARGET"/*) return 0 ;; esac
  return 1
}
