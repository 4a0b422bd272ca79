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

# The node of a kernel name (`cciss!c0d0` is /dev/cciss/c0d0).
node() { printf '/dev/%s' "$1" | tr '!' '/'; }

kernel_name() { printf '%s' "${1#/dev/}" | tr '/' '!'; }

# One line, no doubled blanks, udev's underscores as blanks.
plain() { tr '_\n' '  ' | tr -s ' ' | sed -e 's/^ //' -e 's/ $//'; }

plain_lines() { tr '_' ' ' | tr -s ' ' | sed -e 's/^ //' -e 's/ $//' -e '/^$/d'; }

# ---- Finding a disk --------------------------------------------------------------------------------

follow() {
  real=$(readlink -f "/dev/$1") || return 0
  [ -b "$real" ] || return 0
  if [ -z "$DEV" ]; then
    DEV=$real FIRST=$1
  elif [ "$DEV" != "$real" ]; then
    DISAGREE="$1 leads to $real, $FIRST to $DEV"
  fi
}

# Every serial number the system tells of a disk.
serials() {
  for file in "/sys/class/block/$1/serial" "/sys/class/block/$1/device/serial"; do
    if [ -r "$file" ]; then
      cat "$file" 2>/dev/null || :
      echo
    fi
  done
  device=$(node "$1")
  if have lsblk; then lsblk -dn -o SERIAL "$device" 2>/dev/null || :; fi
  if have udevadm; then
    udevadm info -q property -n "$device" 2>/dev/null |
      sed -n -e 's/^ID_SERIAL_SHORT=//p' -e 's/^ID_SCSI_SERIAL=//p' \
        -e 's/^SCSI_IDENT_SERIAL=//p' -e 's/^ID_SERIAL=//p' || :
  fi
}

models() {
  if [ -r "/sys/class/block/$1/device/model" ]; then
    cat "/sys/class/block/$1/device/model" 2>/dev/null || :
    echo
  fi
  device=$(node "$1")
  if have lsblk; then lsblk -dn -o MODEL "$device" 2>/dev/null || :; fi
  if have udevadm; then
    udevadm info -q property -n "$device" 2>/dev/null | sed -n -e 's/^ID_MODEL=//p' || :
  fi
}

# Where no link exists (no udev): the one disk of that serial number and size.
find_by_serial() {
  [ -n "$SERIAL" ] || return 0
  want=$(printf '%s' "$SERIAL" | plain)
  for sys in /sys/block/*; do
    name=${sys##*/}
    case $name in loop* | ram* | zram* | dm-* | md* | sr* | fd* | nbd*) continue ;; esac
    [ -r "$sys/size" ] || continue
    [ $(($(cat "$sys/size") * 512)) = "$BYTES" ] || continue
    serials "$name" | plain_lines | grep -Fxq -e "$want" || continue
    found=$(node "$name")
    if [ -n "$DEV" ]; then
      DISAGREE="$DEV and $found have its serial number $SERIAL"
      return 0
    fi
    DEV=$found
  done
}

# locate INDEX: sets the plan's values, DEV (empty where not found), KNAME and DISAGREE.
locate() {
  describe "$1"
  DEV='' FIRST='' DISAGREE='' KNAME=''
  links "$1" follow
  if [ -z "$DEV" ]; then find_by_serial; fi
  if [ -n "$DEV" ]; then KNAME=$(kernel_name "$DEV"); fi
}

# ---- What stands on a disk -------------------------------------------------------------------------

# The kernel names of a device, its partitions and everything on top, the device first.
tree() (
  echo "$1"
  for below in "/sys/class/block/$1/$1"*/partition; do
    if [ -e "$below" ]; then
      below=${below%/partition}
      tree "${below##*/}"
    fi
  done
  for below in "/sys/class/block/$1/holders/"*; do
    if [ -e "$below" ]; then tree "${below##*/}"; fi
  done
)

# The same, what is on top first.
tree_upwards() (
  upwards=''
  for one in $(tree "$1"); do upwards="$one $upwards"; done
  printf '%s' "$upwards"
)

# The whole disks a device lies on.
bases() (
  if [ -e "/sys/class/block/$1/partition" ]; then
    real=$(readlink -f "/sys/class/block/$1")
    real=${real%/*}
    bases "${real##*/}"
    return
  fi
  found=no
  for under in "/sys/class/block/$1/slaves/"*; do
    if [ -e "$under" ]; then
      found=yes
      bases "${under##*/}"
    fi
  done
  if [ "$found" = no ]; then echo "$1"; fi
)

planned() {
  case " $DEVICES " in *" $1 "*) return 0 ;; esac
  return 1
}

# Where a device is mounted, a line each.
mounts_of() {
  number=$(cat "/sys/class/block/$1/dev")
  device=$(node "$1")
  while read -r _ _ at_number _ at rest; do
    source=${rest##* - }
    source=${source#* }
    source=${source%% *}
    if [ "$at_number" = "$number" ] || [ "$source" = "$device" ]; then
      printf '%s\n' "$at"
    fi
  done </proc/self/mountinfo
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
  locate "$1"
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
  if [ "$(blockdev --getro "$DEV" 2>/dev/null || echo 1)" != 0 ]; then
    refuse KSG-105 "$DEV is read-only"
  fi
  want=$(printf '%s' "$SERIAL" | plain)
  told=$(serials "$KNAME" | plain_lines)
  if [ -n "$want" ] && [ -n "$told" ] && ! printf '%s\n' "$told" | grep -Fxq -e "$want"; then
    refuse KSG-104 "expected serial number $want, found $(printf '%s' "$told" | plain) at $DEV"
  fi
  want=$(printf '%s' "$MODEL" | plain)
  told=$(models "$KNAME" | plain_lines)
  if [ -n "$want" ] && [ -n "$told" ] && ! same_model "$want" "$told"; then
    refuse KSG-104 "expected model $want, found $(printf '%s' "$told" | plain) at $DEV"
  fi
}

# Some tools cut the model short: one begins with the other.
same_model() (
  printf '%s\n' "$2" | {
    while read -r one; do
      case $one in "$1"*) exit 0 ;; esac
      case $1 in "$one"*) exit 0 ;; esac
    done
    exit 1
  }
)

check_in_use() {
  for on in $(tree "$KNAME"); do
    mounts_of "$on" | {
      outside=no
      while read -r at; do
        if ! in_target "$at"; then
          error KSG-107 "disk $ID: $(node "$on") is mounted at $at"
          outside=yes
        fi
      done
      [ "$outside" = no ]
    } || REFUSED=yes
    for base in $(bases "$on"); do
      if ! planned "$base"; then
        refuse KSG-108 "$(node "$on") also lies on $(node "$base"), which is not in the plan"
      fi
    done
  done
}

# Groups that are not active show in no holder; LVM itself tells.
check_groups() {
  have pvs || return 0
  table=$(lvm_run pvs --noheadings --separator '|' -o vg_uuid,vg_name,pv_name 2>/dev/null) ||
    die 10 KSG-111 "LVM cannot tell what is on the disks"
  ID=-
  inside='' outside=''
  while IFS='|' read -r group name device; do
    group=$(printf '%s' "$group" | tr -d ' ')
    case $device in /dev/*) ;; *) continue ;; esac
    on=$(kernel_name "$(readlink -f "$device")")
    for base in $(bases "$on"); do
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
    rest=${one#*|}
    base=${rest%%|*}
    name=${rest#*|}
    case " $GROUP_NAMES " in
      *" $name "*)
        case "$inside" in
          *" $group|"*) ;;
          *)
            [ -z "$name" ] ||
              { error KSG-109 "disk $(node "$base"): not in the plan, holds a group $name" && REFUSED=yes; }
            ;;
        esac
        ;;
    esac
    [ -n "$group" ] || continue
    for index in $DISKS; do
      locate "$index"
      case "$inside " in
        *" $group|$KNAME "*)
          refuse KSG-108 "group $name also lies on $(node "$base"), which is not in the plan"
          ;;
      esac
    done
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

# Stops what the kernel has built on the disk in hand. Fails where something stays.
release() {
  for on in $(tree_upwards "$KNAME"); do
    device=$(node "$on")
    if grep -q -e "^$device " /proc/swaps; then swapoff "$device" || :; fi
    mounts_of "$on" | while read -r at; do
      if in_target "$at"; then umount "$at" || :; fi
    done
  done
  if have vgchange; then
    lvm_run pvs --noheadings --separator '|' -o vg_uuid,pv_name 2>/dev/null | while IFS='|' read -r group device; do
      group=$(printf '%s' "$group" | tr -d ' ')
      if [ -z "$group" ]; then continue; fi
      on=$(kernel_name "$(readlink -f "$device")")
      for base in $(bases "$on"); do
        if [ "$base" = "$KNAME" ]; then
          lvm_run vgchange -q -an --select "vg_uuid=$group" >/dev/null 2>&1 || :
        fi
      done
    done || :
  fi
  for on in $(tree_upwards "$KNAME"); do
    case $on in
      dm-*)
        if [ -r "/sys/class/block/$on/dm/name" ]; then
          dmsetup remove --retry "$(cat "/sys/class/block/$on/dm/name")" >/dev/null 2>&1 || :
        fi
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

# What still stands on the disk besides its partitions.
holders() {
  for on in $(tree "$KNAME"); do
    case $on in
      "$KNAME") ;;
      *) if ! [ -e "/sys/class/block/$on/partition" ]; then printf '%s ' "$on"; fi ;;
    esac
  done
}

# Signatures of all old partitions, then those of the disk would go; busy ones stay.
erase_partitions() {
  for entry in "/sys/class/block/$KNAME/$KNAME"*/partition; do
    if [ -e "$entry" ]; then
      entry=${entry%/partition}
      device=$(node "${entry##*/}")
      if [ -b "$device" ]; then wipefs -q -a "$device" >/dev/null 2>&1 || :; fi
      clear_range $(($(cat "$entry/start") * 512)) $(($(cat "$entry/size") * 512))
    fi
  done
}

clear_planned() { clear_range $(($2 * MIB)) $(($3 * MIB)); }

wipe() {
  locate "$1"
  SECTOR=$(blockdev --getss "$DEV")
  if [ "$(table_guid "$DEV")" = "$GUID" ]; then
    say "step wipe $ID: already wiped by this attempt"
    return 0
  fi
  say "step wipe $ID: $DEV"
  partx -u "$DEV" >/dev/null 2>&1 || : # the old partitions, where the kernel reads no tables itself
  settle
  for pass in 1 2 3 4 5; do
    release
    left=$(holders)
    [ -n "$left" ] || break
    [ "$pass" = 1 ] || sleep 1
  done
  [ -z "$left" ] || die 11 KSG-120 "disk $ID: still in use by $left"
  for on in $(tree "$KNAME"); do
    at=$(mounts_of "$on")
    [ -z "$at" ] || die 11 KSG-120 "disk $ID: $(node "$on") is mounted at $at"
    if grep -q -e "^$(node "$on") " /proc/swaps; then
      die 11 KSG-120 "disk $ID: $(node "$on") is swap in use"
    fi
  done
  # Contents before the table: cut off here, the next run finds the same partitions again.
  erase_partitions
  settle
  left=$(holders)
  [ -z "$left" ] || die 11 KSG-120 "disk $ID: came back while it was wiped: $left"
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

# The table on the disk, as expected_line writes it.
found_lines() {
  sfdisk --dump "$DEV" 2>/dev/null |
    sed -n -e '/start=/!d' -e 's/^[^ ]*[^0-9 ]\([0-9][0-9]*\) : /\1 /' -e 's/[",]//g' \
      -e 's/= */=/g' -e 's/  */ /g' -e 's/ $//' -e p | tr 'A-F' 'a-f'
}

# GPT's entries stand twice (UEFI 2.10 §5.3): after a crash only one may be new.
entries_agree() {
  first=$(dd if="$DEV" bs="$SECTOR" skip=2 count=$((16384 / SECTOR)) 2>/dev/null | cksum)
  last=$(dd if="$DEV" bs="$SECTOR" skip=$((BYTES / SECTOR - 1 - 16384 / SECTOR)) \
    count=$((16384 / SECTOR)) 2>/dev/null | cksum)
  [ "$first" = "$last" ]
}

partition_disk() {
  locate "$1"
  SECTOR=$(blockdev --getss "$DEV")
  want=$(partitions "$1" expected_line | tr 'A-F' 'a-f')
  [ "$(table_guid "$DEV")" = "$GUID" ] ||
    die 12 KSG-130 "disk $ID: $DEV has not this attempt's table (another program wrote to it)"
  found=$(found_lines)
  if [ "$found" = "$want" ] && entries_agree; then
    say "step partitions $ID: already as planned"
  elif [ "$found" = "$want" ]; then
    say "step partitions $ID: completing the table"
    sfdisk_script "$1" | table_write never || die 12 KSG-131 "disk $ID: sfdisk failed on $DEV"
  elif [ -n "$found" ]; then
    die 12 KSG-130 "disk $ID: expected the planned table, found $(printf '%s' "$found" | tr '\n' ';')"
  else
    say "step partitions $ID: $DEV"
    sfdisk_script "$1" | table_write always || die 12 KSG-131 "disk $ID: sfdisk failed on $DEV"
  fi
  found=$(found_lines)
  if [ "$found" != "$want" ] || ! entries_agree; then
    die 12 KSG-131 "disk $ID: the table reads back as $(printf '%s' "$found" | tr '\n' ';')"
  fi
  partx -u "$DEV" >/dev/null 2>&1 || :
  settle
  partitions "$1" await_partition
  if [ "$READ_BACK" = yes ]; then
    printf '%s\n' "$found" | while read -r line; do say "table $ID $line"; done
  fi
}

# The node of partition NUMBER of the disk in hand, by sysfs, else by the kernel's naming rule.
partition_node() {
  for entry in "/sys/class/block/$KNAME/$KNAME"*/partition; do
    if [ -e "$entry" ] && [ "$(cat "$entry")" = "$1" ]; then
      entry=${entry%/partition}
      node "${entry##*/}"
      return
    fi
  done
  case $DEV in *[0-9]) printf '%sp%s' "$DEV" "$1" ;; *) printf '%s%s' "$DEV" "$1" ;; esac
}

# The partition is there, with the planned place, as the kernel sees it.
partition_there() {
  device=$(partition_node "$1")
  entry=/sys/class/block/$(kernel_name "$device")
  [ -b "$device" ] && [ -e "$entry/partition" ] &&
    [ "$(cat "$entry/start")" = $(($2 * MIB / 512)) ] &&
    [ "$(cat "$entry/size")" = $(($3 * MIB / 512)) ]
}

await_partition() {
  tries=30
  until partition_there "$@"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || die 12 KSG-132 "disk $ID: $(partition_node "$1") does not appear"
    partx -u "$DEV" >/dev/null 2>&1 || :
    sleep 1
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
  [ -z "$8" ] || make_fs "$(partition_node "$1")" "$8" "$9" "$ID $6"
}

physical_volume() {
  [ "$7" = PHYSICAL_VOLUME ] || return 0
  [ "${10}" = "$GROUP" ] || return 0
  device=$(partition_node "$1")
  PVS="$PVS $device"
  if [ "$(content_id "$device")" = "${11}" ]; then return 0; fi
  say "step filesystems $ID $6: physical volume of $GROUP"
  lvm_run pvcreate -q -y -ff --norestorefile --uuid "${11}" "$device" >/dev/null ||
    die 13 KSG-141 "disk $ID: pvcreate failed on $device"
}

group() {
  GROUP=$1
  PVS=''
  for index in $DISKS; do
    locate "$index"
    partitions "$index" physical_volume
  done
  if ! lvm_run vgs "$GROUP" >/dev/null 2>&1; then
    say "step filesystems group $GROUP"
    # shellcheck disable=SC2086 # device nodes, no blanks
    lvm_run vgcreate -q -y "$GROUP" $PVS >/dev/null || die 13 KSG-141 "group $GROUP: vgcreate failed"
  fi
  volumes "$GROUP" logical_volume
}

logical_volume() {
  if ! lvm_run lvs "$1/$2" >/dev/null 2>&1; then
    say "step filesystems volume $1/$2"
    lvm_run lvcreate -q -y -Wy -Zy -n "$2" -L "$3m" "$1" >/dev/null ||
      die 13 KSG-141 "volume $1/$2: lvcreate failed"
  fi
  lvm_run lvchange -q -ay "$1/$2" >/dev/null || die 13 KSG-141 "volume $1/$2 cannot be activated"
  settle
  [ -b "/dev/$1/$2" ] || lvm_run vgmknodes "$1" >/dev/null 2>&1 || :
  [ -b "/dev/$1/$2" ] || die 13 KSG-141 "volume $1/$2: /dev/$1/$2 does not appear"
  [ -z "$4" ] || make_fs "/dev/$1/$2" "$4" "$5" "$1/$2"
}

filesystems() {
  if [ -n "$GROUP_NAMES" ] && have modprobe; then modprobe -q dm_mod 2>/dev/null || :; fi
  for name in $GROUP_NAMES; do group "$name"; done
  for index in $DISKS; do
    locate "$index"
    partitions "$index" partition_content
  done
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
