# ---- What follows is the same for every machine ----------------------------------------------------

LOCK=/run/kindling-partition.lock
MIB=1048576
UNTIL=filesystems
TARGET=''
READ_BACK=no
REFUSED=no
DEVICES='' # kernel names of the planned disks, once found

say() { printf 'KINDLING %s\n' "$*"; }

# error KSG-ID TEXT
error() { printf 'KINDLING-ERROR %s %s\n' "$1" "$2" >&2; }

# die CODE KSG-ID TEXT
die() {
  error "$2" "$3"
  exit "$1"
}

# refuse KSG-ID TEXT: a finding of the check about the disk in hand; the check goes on.
refuse() {
  error "$1" "disk $ID: $2"
  REFUSED=yes
}

have() { command -v "$1" >/dev/null 2>&1; }

# Waits for udev to have seen what was done, where there is udev.
settle() {
  if have udevadm && [ -e /run/udev/control ]; then
    udevadm settle -t 30 >/dev/null 2>&1 || :
  fi
}

# Processes are what costs time here (tens of milliseconds each on a slow machine), so what can be read
# from sysfs or done by the shell itself is; such functions answer in a variable.

# node NAME: sets NODE, the node of a kernel name (`cciss!c0d0` is /dev/cciss/c0d0).
node() {
  case $1 in
    *!*) NODE=/dev/${1%%!*}/${1#*!} ;;
    *) NODE=/dev/$1 ;;
  esac
}

# kernel_name NODE: sets KERNEL.
kernel_name() {
  KERNEL=${1#/dev/}
  case $KERNEL in */*) KERNEL=${KERNEL%%/*}!${KERNEL#*/} ;; esac
}

# value FILE: sets VALUE to the file's first line, empty where there is none.
value() {
  VALUE=''
  if [ -r "$1" ]; then read -r VALUE 2>/dev/null <"$1" || :; fi
}

# plain TEXT: sets PLAIN: no doubled blanks, udev's underscores as blanks.
plain() {
  set -f
  old_ifs=$IFS
  IFS=' 	_'
  # shellcheck disable=SC2086 # to be split
  set -- $1
  IFS=' '
  PLAIN=$*
  IFS=$old_ifs
  set +f
}

# ---- Finding a disk --------------------------------------------------------------------------------

follow() {
  [ -e "/dev/$1" ] || return 0
  real=$(readlink -f "/dev/$1") || return 0
  [ -b "$real" ] || return 0
  if [ -z "$DEV" ]; then
    DEV=$real FIRST=$1
  elif [ "$DEV" != "$real" ]; then
    DISAGREE="$1 leads to $real, $FIRST to $DEV"
  fi
}

# tell_identity NAME: sets SERIALS and MODELS, a line for each the system tells of a disk.
tell_identity() {
  SERIALS='' MODELS=''
  told "$(
    value "/sys/class/block/$1/serial" && echo "ID_SERIAL=$VALUE"
    value "/sys/class/block/$1/device/serial" && echo "ID_SERIAL=$VALUE"
    value "/sys/class/block/$1/device/model" && echo "ID_MODEL=$VALUE"
    if have udevadm && [ -e /run/udev/control ]; then
      udevadm info -q property -n "$2" 2>/dev/null || :
    elif have lsblk; then
      echo "ID_SERIAL=$(lsblk -dn -o SERIAL "$2" 2>/dev/null)"
      echo "ID_MODEL=$(lsblk -dn -o MODEL "$2" 2>/dev/null)"
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
      DISAGREE="$DEV and $NODE have its serial number $SERIAL"
      return 0
    fi
    DEV=$NODE
  done
}

# find_disk INDEX: sets the plan's values, DEV (empty where not found), KNAME and DISAGREE.
find_disk() {
  describe "$1"
  DEV='' FIRST='' DISAGREE='' KNAME=''
  links "$1" follow
  if [ -z "$DEV" ]; then find_by_serial; fi
  if [ -n "$DEV" ]; then
    kernel_name "$DEV"
    KNAME=$KERNEL
  fi
}

# locate INDEX: the same, as the check has found it.
locate() {
  describe "$1"
  eval "DEV=\$FOUND_$1"
  kernel_name "$DEV"
  KNAME=$KERNEL
  value "/sys/class/block/$KNAME/queue/logical_block_size"
  SECTOR=$VALUE
}

# ---- What stands on a disk -------------------------------------------------------------------------

# tree NAME: sets TREE to the kernel names of a device, its partitions and everything on top, the
# device first; UPWARDS: what is on top first.
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

# bases NAME: sets BASES to the whole disks a device lies on.
bases() {
  BASES='' queue=$1
  while [ -n "$queue" ]; do
    one=${queue%% *}
    case $queue in *' '*) queue=${queue#* } ;; *) queue='' ;; esac
    if [ -e "/sys/class/block/$one/partition" ]; then
      for whole in /sys/block/*; do
        if [ -e "$whole/$one" ]; then queue="${queue:+$queue }${whole##*/}"; fi
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

planned() {
  case " $DEVICES " in *" $1 "*) return 0 ;; esac
  return 1
}

# mounts_of NAME: sets MOUNTED to where a device is mounted, a line each (octal escapes for blanks).
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

# ---- Check -----------------------------------------------------------------------------------------

check() {
  for tool in sfdisk wipefs blkid blkdiscard blockdev flock partx readlink sed tr grep dd; do
    have "$tool" || die 10 KSG-110 "tool $tool is missing"
  done
  if [ "$UNTIL" = filesystems ]; then
    for tool in $MAKERS; do have "$tool" || die 10 KSG-110 "tool $tool is missing"; done
  fi
  for index in $DISKS; do check_found "$index"; done
  if [ "$REFUSED" = yes ]; then exit 10; fi
  for index in $DISKS; do
    locate "$index"
    check_identity
    check_in_use
  done
  check_groups
  if [ "$REFUSED" = yes ]; then exit 10; fi
  for index in $DISKS; do
    locate "$index"
    say "step check $ID: $DEV"
  done
}

check_found() {
  find_disk "$1"
  eval "FOUND_$1=\$DEV"
  if [ -n "$DISAGREE" ]; then
    refuse KSG-102 "$DISAGREE"
  elif [ -z "$DEV" ]; then
    refuse KSG-101 "not found (was $NAME, $BYTES bytes); none of its links exists"
  elif [ -e "/sys/class/block/$KNAME/partition" ]; then
    refuse KSG-101 "$DEV is a partition, not a disk"
  elif planned "$KNAME"; then
    refuse KSG-106 "$DEV is another disk of the plan already"
  else
    DEVICES="$DEVICES $KNAME"
  fi
}

check_identity() {
  size=$(blockdev --getsize64 "$DEV" 2>/dev/null) || size=unreadable
  if [ "$size" != "$BYTES" ]; then
    refuse KSG-103 "expected $BYTES bytes, found $size at $DEV"
  fi
  value "/sys/class/block/$KNAME/ro"
  if [ "$VALUE" != 0 ]; then refuse KSG-105 "$DEV is read-only"; fi
  tell_identity "$KNAME" "$DEV"
  plain "$SERIAL"
  if [ -n "$PLAIN" ] && [ -n "$SERIALS" ] && ! has_line "$SERIALS" "$PLAIN"; then
    refuse KSG-104 "expected serial number $PLAIN, found $(printf '%s' "$SERIALS" | tr '\n' ' ')at $DEV"
  fi
  plain "$MODEL"
  if [ -n "$PLAIN" ] && [ -n "$MODELS" ] && ! same_model "$PLAIN"; then
    refuse KSG-104 "expected model $PLAIN, found $(printf '%s' "$MODELS" | tr '\n' ' ')at $DEV"
  fi
}

# Some tools cut the model short: one begins with the other.
same_model() {
  while read -r one; do
    [ -n "$one" ] || continue
    case $one in "$1"*) return 0 ;; esac
    case $1 in "$one"*) return 0 ;; esac
  done <<END
$MODELS
END
  return 1
}

check_in_use() {
  tree "$KNAME"
  for on in $TREE; do
    mounts_of "$on"
    while read -r at; do
      if [ -n "$at" ] && ! in_target "$at"; then refuse KSG-107 "$NODE is mounted at $at"; fi
    done <<END
$MOUNTED
END
    bases "$on"
    for base in $BASES; do
      if ! planned "$base"; then
        node "$on"
        refuse KSG-108 "$NODE also lies on $base, which is not in the plan"
      fi
    done
  done
}

# Groups that are not active show in no holder; LVM itself tells.
check_groups() {
  have pvs || return 0
  table=$(lvm_run pvs --noheadings --separator '|' -o vg_uuid,vg_name,pv_name 2>/dev/null) ||
    die 10 KSG-111 "LVM cannot tell what is on the disks"
  inside='' outside=''
  while IFS='|' read -r group name device; do
    group=${group##* }
    case $device in /dev/*) ;; *) continue ;; esac
    [ -n "$group" ] || continue
    device=$(readlink -f "$device")
    kernel_name "$device"
    bases "$KERNEL"
    for base in $BASES; do
      if planned "$base"; then
        inside="$inside $group|$base"
      else
        outside="$outside $group|$base|$name"
      fi
    done
  done <<END
$table
END
  for one in $outside; do
    group=${one%%|*}
    name=${one##*|}
    base=${one#*|}
    base=${base%|*}
    case "$inside " in
      *" $group|"*)
        for index in $DISKS; do
          locate "$index"
          case "$inside " in
            *" $group|$KNAME "*)
              refuse KSG-108 "group $name also lies on $base, which is not in the plan"
              ;;
          esac
        done
        ;;
      *)
        case " $GROUP_NAMES " in
          *" $name "*)
            error KSG-109 "disk $base: not in the plan, holds a group $name"
            REFUSED=yes
            ;;
        esac
        ;;
    esac
  done
}

# LVM looks at every device, past any list of devices the image keeps. It can leave a daemon behind,
# which must not hold the lock.
lvm_run() {
  lvm_command=$1
  shift
  LVM_SUPPRESS_FD_WARNINGS=1 "$lvm_command" --config 'devices/use_devicesfile=0' "$@" 9>&-
}

# ---- Wipe ------------------------------------------------------------------------------------------

table_guid() { sfdisk --disk-id "$1" 2>/dev/null | tr 'A-F' 'a-f' || :; }

# zero FROM BYTES: writes zeros within the disk in hand.
zero() {
  from=$1 length=$2
  [ "$from" -ge 0 ] || { length=$((length + from)) && from=0; }
  [ $((from + length)) -le "$BYTES" ] || length=$((BYTES - from))
  from=$((from / SECTOR * SECTOR)) length=$((length / SECTOR * SECTOR))
  [ "$length" -gt 0 ] || return 0
  blkdiscard -f -z -o "$from" -l "$length" "$DEV" 2>/dev/null ||
    dd if=/dev/zero of="$DEV" bs="$SECTOR" seek=$((from / SECTOR)) count=$((length / SECTOR)) \
      conv=notrunc,fsync 2>/dev/null ||
    die 11 KSG-121 "disk $ID: zeros cannot be written at $from of $DEV"
}

# clear_range FROM BYTES: head, tail and BlueStore's copies of its label of what lay or will lie there.
clear_range() {
  range_from=$1 range_length=$2
  ends=$((10 * MIB))
  if [ "$range_length" -le $((2 * ends)) ]; then
    zero "$range_from" "$range_length"
    return
  fi
  zero "$range_from" "$ends"
  zero $((range_from + range_length - ends)) "$ends"
  for gib in 1 10 100 1000; do
    at=$((gib * 1024 * MIB))
    if [ $((at + MIB)) -le "$range_length" ]; then zero $((range_from + at)) "$MIB"; fi
  done
}

# Stops what the kernel has built on the disk in hand, as far as it can be.
release() {
  tree "$KNAME"
  stack=$UPWARDS
  for on in $stack; do
    mounts_of "$on"
    if swap_in_use "$NODE"; then swapoff "$NODE" || :; fi
    while read -r at; do
      if [ -n "$at" ] && in_target "$at"; then umount "$at" || :; fi
    done <<END
$MOUNTED
END
  done
  case $stack in *dm-*) release_groups ;; esac
  for on in $stack; do
    [ -e "/sys/class/block/$on" ] || continue
    case $on in
      dm-*)
        value "/sys/class/block/$on/dm/name"
        if [ -n "$VALUE" ]; then dmsetup remove --retry "$VALUE" >/dev/null 2>&1 9>&- || :; fi
        ;;
      md*) mdadm --stop "/dev/$on" >/dev/null 2>&1 || : ;;
      bcache*)
        if [ -w "/sys/class/block/$on/bcache/stop" ]; then
          echo 1 >"/sys/class/block/$on/bcache/stop" || :
        fi
        ;;
    esac
  done
  settle
}

release_groups() {
  have vgchange || return 0
  table=$(lvm_run pvs --noheadings --separator '|' -o vg_uuid,pv_name 2>/dev/null) || return 0
  while IFS='|' read -r group device; do
    group=${group##* }
    case $device in /dev/*) ;; *) continue ;; esac
    [ -n "$group" ] || continue
    device=$(readlink -f "$device")
    kernel_name "$device"
    bases "$KERNEL"
    case "$BASES " in
      *" $KNAME "*) lvm_run vgchange -q -an --select "vg_uuid=$group" >/dev/null 2>&1 || : ;;
    esac
  done <<END
$table
END
}

# holders: sets LEFT to what still stands on the disk besides its partitions.
holders() {
  tree "$KNAME"
  LEFT=''
  for on in $TREE; do
    if [ "$on" != "$KNAME" ] && ! [ -e "/sys/class/block/$on/partition" ]; then LEFT="$LEFT $on"; fi
  done
}

# Signatures and ends of all old partitions; what is in use refuses.
erase_partitions() {
  for entry in "/sys/class/block/$KNAME/$KNAME"*/partition; do
    if [ -e "$entry" ]; then
      entry=${entry%/partition}
      node "${entry##*/}"
      if [ -b "$NODE" ]; then
        wipefs -q -a "$NODE" >/dev/null || die 11 KSG-121 "disk $ID: wipefs failed on $NODE"
      fi
      value "$entry/start"
      old_start=$VALUE
      value "$entry/size"
      clear_range $((old_start * 512)) $((VALUE * 512))
    fi
  done
}

clear_planned() { clear_range $(($2 * MIB)) $(($3 * MIB)); }

wipe() {
  locate "$1"
  if [ "$(table_guid "$DEV")" = "$GUID" ]; then
    say "step wipe $ID: already wiped by this attempt"
    return 0
  fi
  say "step wipe $ID: $DEV"
  partx -u "$DEV" >/dev/null 2>&1 || : # the old partitions, where the kernel reads no tables itself
  settle
  for pass in 1 2 3 4 5; do
    release
    holders
    [ -n "$LEFT" ] || break
    [ "$pass" = 1 ] || sleep 1
  done
  [ -z "$LEFT" ] || die 11 KSG-120 "disk $ID: still in use by$LEFT"
  for on in $TREE; do
    mounts_of "$on"
    [ -z "$MOUNTED" ] || die 11 KSG-120 "disk $ID: $NODE is mounted at ${MOUNTED%%
*}"
    if swap_in_use "$NODE"; then die 11 KSG-120 "disk $ID: $NODE is swap in use"; fi
  done
  # Contents before the table: cut off here, the next run finds the same partitions again.
  erase_partitions
  settle
  holders
  [ -z "$LEFT" ] || die 11 KSG-120 "disk $ID: came back while it was wiped:$LEFT"
  partitions "$1" clear_planned
  wipefs -q -a "$DEV" >/dev/null || die 11 KSG-121 "disk $ID: wipefs failed on $DEV"
  clear_range 0 "$BYTES"
  partx -d "$DEV" >/dev/null 2>&1 || :
  settle
  for entry in "/sys/class/block/$KNAME/$KNAME"*/partition; do
    if [ -e "$entry" ]; then die 11 KSG-120 "disk $ID: old partitions stay: ${entry%/partition}"; fi
  done
  # The marker, last: an empty table with this attempt's disk GUID.
  printf 'label: gpt\nlabel-id: %s\n' "$GUID" | table_write always ||
    die 11 KSG-121 "disk $ID: no table can be written to $DEV"
  [ "$(table_guid "$DEV")" = "$GUID" ] || die 11 KSG-121 "disk $ID: $DEV reads back another table"
  say "wiped $ID"
}

# ---- Partitions ------------------------------------------------------------------------------------

# table_write WIPE: standard input is sfdisk's script.
table_write() {
  sfdisk -q --lock=yes --no-reread --no-tell-kernel --wipe "$1" --wipe-partitions "$1" "$DEV" >/dev/null &&
    blockdev --flushbufs "$DEV"
}

sfdisk_line() {
  printf 'start=%s, size=%s, type=%s, uuid=%s, name="%s"\n' \
    $(($2 * MIB / SECTOR)) $(($3 * MIB / SECTOR)) "$4" "$5" "$6"
}

sfdisk_script() {
  printf 'label: gpt\nlabel-id: %s\nunit: sectors\n' "$GUID"
  partitions "$1" sfdisk_line
}

expected_line() {
  printf '%s start=%s size=%s type=%s uuid=%s name=%s\n' \
    "$1" $(($2 * MIB / SECTOR)) $(($3 * MIB / SECTOR)) "$4" "$5" "$6"
}

# The table on the disk, as expected_line writes it. Names and ids are lower case in the plan.
found_lines() {
  sfdisk --dump "$DEV" 2>/dev/null |
    sed -n -e '/start=/!d' -e 's/^[^ ]*[^0-9 ]\([0-9][0-9]*\) : /\1 /' -e 's/[",]//g' \
      -e 's/= */=/g' -e 's/  */ /g' -e 's/ $//' -e 'y/ABCDEF/abcdef/' -e p
}

# GPT's entries stand twice (UEFI 2.10 §5.3): after a crash only one may be new.
entries_agree() {
  first=$(dd if="$DEV" bs="$SECTOR" skip=2 count=$((16384 / SECTOR)) 2>/dev/null | cksum)
  last=$(dd if="$DEV" bs="$SECTOR" skip=$((BYTES / SECTOR - 1 - 16384 / SECTOR)) \
    count=$((16384 / SECTOR)) 2>/dev/null | cksum)
  [ "$first" = "$last" ]
}

# read_table: sets FOUND and WHOLE (both copies agree).
read_table() {
  FOUND=$(found_lines)
  WHOLE=no
  if entries_agree; then WHOLE=yes; fi
}

partition_disk() {
  locate "$1"
  want=$(partitions "$1" expected_line)
  [ "$(table_guid "$DEV")" = "$GUID" ] ||
    die 12 KSG-130 "disk $ID: $DEV has not this attempt's table (another program wrote to it)"
  read_table
  if [ "$FOUND" = "$want" ] && [ "$WHOLE" = yes ]; then
    say "step partitions $ID: already as planned"
  else
    if [ "$FOUND" = "$want" ]; then
      say "step partitions $ID: completing the table"
      wipe_signatures=never
    elif [ -n "$FOUND" ]; then
      die 12 KSG-130 "disk $ID: expected the planned table, found $(printf '%s' "$FOUND" | tr '\n' ';')"
    else
      say "step partitions $ID: $DEV"
      wipe_signatures=always
    fi
    sfdisk_script "$1" | table_write "$wipe_signatures" ||
      die 12 KSG-131 "disk $ID: sfdisk failed on $DEV"
    read_table
    if [ "$FOUND" != "$want" ] || [ "$WHOLE" = no ]; then
      die 12 KSG-131 "disk $ID: the table reads back as $(printf '%s' "$FOUND" | tr '\n' ';')"
    fi
    partx -u "$DEV" >/dev/null 2>&1 || :
  fi
  settle
  partitions "$1" await_partition
  if [ "$READ_BACK" = yes ]; then
    printf '%s\n' "$FOUND" | while read -r line; do say "table $ID $line"; done
  fi
}

# partition_node NUMBER: sets NODE for the disk in hand, by sysfs, else by the kernel's naming rule.
partition_node() {
  for entry in "/sys/class/block/$KNAME/$KNAME"*/partition; do
    value "$entry"
    if [ "$VALUE" = "$1" ]; then
      entry=${entry%/partition}
      node "${entry##*/}"
      return
    fi
  done
  case $DEV in *[0-9]) NODE=${DEV}p$1 ;; *) NODE=$DEV$1 ;; esac
}

# The partition is there, at the planned place, as the kernel sees it.
partition_there() {
  partition_node "$1"
  [ -b "$NODE" ] || return 1
  kernel_name "$NODE"
  value "/sys/class/block/$KERNEL/start"
  [ "$VALUE" = $(($2 * MIB / 512)) ] || return 1
  value "/sys/class/block/$KERNEL/size"
  [ "$VALUE" = $(($3 * MIB / 512)) ]
}

await_partition() {
  tries=30
  until partition_there "$@"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || die 12 KSG-132 "disk $ID: $NODE does not appear"
    partx -u "$DEV" >/dev/null 2>&1 || :
    if ! partition_there "$@"; then sleep 1; fi
  done
}

# ---- File systems ----------------------------------------------------------------------------------

content_id() { blkid -p -s UUID -o value "$1" 2>/dev/null || :; }

# make_fs DEVICE FS ID WHAT
make_fs() {
  if [ "$(content_id "$1")" = "$3" ] && finished "$1" "$2"; then
    say "step filesystems $4: $2 already there"
    return 0
  fi
  say "step filesystems $4: $2"
  case $2 in
    ext2 | ext3 | ext4) "mkfs.$2" -q -F -U "$3" "$1" ;;
    xfs) mkfs.xfs -q -f -m "uuid=$3" "$1" ;;
    swap) mkswap -U "$3" "$1" >/dev/null ;;
    vfat) make_vfat "$1" "$3" ;;
  esac || die 13 KSG-140 "$4: mkfs for $2 failed on $1"
  blockdev --flushbufs "$1" || :
  [ "$(content_id "$1")" = "$3" ] || die 13 KSG-140 "$4: $1 reads back no $2 with id $3"
  CHANGED="$CHANGED $1"
}

# The serial comes last, so that it tells that all is written.
make_vfat() {
  serial=$(printf '%s' "$2" | tr -d '-')
  mkfs.vfat -F 32 -i 00000001 "$1" >/dev/null || return 1
  if have fatlabel && fatlabel -i "$1" "$serial" >/dev/null 2>&1 && [ "$(content_id "$1")" = "$2" ]; then
    return 0
  fi
  mkfs.vfat -F 32 -i "$serial" "$1" >/dev/null
}

# XFS marks what mkfs has not finished (sb_inprogress); the others write their id last.
finished() {
  [ "$2" != xfs ] || [ "$(dd if="$1" bs=1 skip=126 count=1 2>/dev/null | od -An -tu1 | tr -d ' ')" = 0 ]
}

partition_content() {
  case $7 in
    BIOS_BOOT | CEPH_OSD | CEPH_JOURNAL | OTHER | PHYSICAL_VOLUME) return 0 ;;
  esac
  [ -n "$8" ] || return 0
  partition_node "$1"
  make_fs "$NODE" "$8" "$9" "$ID $6"
}

physical_volume() {
  [ "$7" = PHYSICAL_VOLUME ] || return 0
  [ "${10}" = "$GROUP" ] || return 0
  partition_node "$1"
  PVS="$PVS $NODE"
  if [ "$(content_id "$NODE")" = "${11}" ]; then return 0; fi
  say "step filesystems $ID $6: physical volume of $GROUP"
  lvm_run pvcreate -q -y -ff --norestorefile --uuid "${11}" "$NODE" >/dev/null ||
    die 13 KSG-141 "disk $ID: pvcreate failed on $NODE"
}

group() {
  GROUP=$1
  PVS=''
  for index in $DISKS; do
    locate "$index"
    partitions "$index" physical_volume
  done
  if ! LVS=$(lvm_run lvs --noheadings -o lv_name "$GROUP" 2>/dev/null); then
    say "step filesystems group $GROUP"
    # shellcheck disable=SC2086 # device nodes, no blanks
    lvm_run vgcreate -q -y "$GROUP" $PVS >/dev/null || die 13 KSG-141 "group $GROUP: vgcreate failed"
    LVS=''
  fi
  PRESENT=' '
  for one in $LVS; do PRESENT="$PRESENT$one "; done
  volumes "$GROUP" logical_volume
}

logical_volume() {
  case $PRESENT in
    *" $2 "*) ;;
    *)
      say "step filesystems volume $1/$2"
      lvm_run lvcreate -q -y -Wy -Zy -n "$2" -L "$3m" "$1" >/dev/null ||
        die 13 KSG-141 "volume $1/$2: lvcreate failed"
      ;;
  esac
  if ! [ -b "/dev/$1/$2" ]; then
    lvm_run lvchange -q -ay "$1/$2" >/dev/null || die 13 KSG-141 "volume $1/$2 cannot be activated"
    settle
    [ -b "/dev/$1/$2" ] || lvm_run vgmknodes "$1" >/dev/null 2>&1 || :
    [ -b "/dev/$1/$2" ] || die 13 KSG-141 "volume $1/$2: /dev/$1/$2 does not appear"
  fi
  [ -z "$4" ] || make_fs "/dev/$1/$2" "$4" "$5" "$1/$2"
}

filesystems() {
  CHANGED=''
  if [ -n "$GROUP_NAMES" ] && have modprobe; then modprobe -q dm_mod 2>/dev/null || :; fi
  for name in $GROUP_NAMES; do group "$name"; done
  for index in $DISKS; do
    locate "$index"
    partitions "$index" partition_content
  done
  # udev can miss a write that falls into its own look at the device; links by id must be true.
  if [ -n "$CHANGED" ] && have udevadm && [ -e /run/udev/control ]; then
    # shellcheck disable=SC2086 # device nodes, no blanks
    udevadm trigger --action=change $CHANGED >/dev/null 2>&1 || :
  fi
  settle
}

# ---- Main ------------------------------------------------------------------------------------------

main() {
  check
  if [ "$UNTIL" = check ]; then return 0; fi
  for disk_index in $DISKS; do wipe "$disk_index"; done
  if [ "$UNTIL" = wipe ]; then return 0; fi
  for disk_index in $DISKS; do partition_disk "$disk_index"; done
  if [ "$UNTIL" = partitions ]; then return 0; fi
  filesystems
}

for argument in "$@"; do
  case $argument in
    --until=check | --until=wipe | --until=partitions | --until=filesystems) UNTIL=${argument#--until=} ;;
    --target=/?*) TARGET=${argument#--target=} ;;
    --read-back) READ_BACK=yes ;;
    *)
      printf 'usage: %s [--until=check|wipe|partitions|filesystems] [--target=DIR] [--read-back]\n' "$0" >&2
      exit 2
      ;;
  esac
done
have flock || die 10 KSG-110 "tool flock is missing"
# Programs inherit the lock: killed alone, this shell leaves it to what it had started.
exec 9>"$LOCK"
if ! flock -n 9; then
  say "step lock: waiting for another run to end"
  flock 9
fi
main </dev/null
say "done $UNTIL"
