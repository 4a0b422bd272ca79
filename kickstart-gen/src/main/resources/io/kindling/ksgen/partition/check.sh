# ---- Check -----------------------------------------------------------------------------------------

check() {
  for tool in sfdisk wipefs blkid blockdev flock partx readlink sed tr sort dd od md5sum; do
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
    if [ -n "$KEEP_TABLE" ]; then check_table; fi
  done
  if [ "$REFUSED" = yes ]; then exit 10; fi
  for index in $DISKS; do
    locate "$index"
    check_in_use
  done
  check_groups
  check_arrays
  check_pools
  if [ "$REFUSED" = yes ]; then exit 10; fi
  for index in $DISKS; do
    locate "$index"
    say "step check $ID: $DEV"
  done
}

check_found() {
  find_disk "$1"
  eval "FOUND_$1=\$DEV PATHS_$1=\$ALL_PATHS"
  if [ -n "$DISAGREE" ]; then
    refuse KSG-102 "$DISAGREE"
  elif [ -z "$DEV" ]; then
    refuse KSG-101 "not found (was $NAME, $BYTES bytes); none of its links exists"
  elif [ -e "/sys/class/block/$KNAME/partition" ]; then
    refuse KSG-101 "$DEV is a partition, not a disk"
  else
    case "$SEEN " in *" $KNAME "*) refuse KSG-106 "$DEV is another disk of the plan already" ;; esac
    SEEN="$SEEN $ALL_PATHS"
    if [ -n "$KEEP_TABLE" ]; then TABLES_KEPT="$TABLES_KEPT $ALL_PATHS"; fi
    roots
    for root in $ROOTS; do CLEARED="$CLEARED$root=$1 "; done
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
  roots
  tree "$ROOTS"
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
        refuse KSG-108 "$NODE also lies on $base, which $UNTOUCHED"
      fi
    done
  done
}

# What is not active shows in no holder: LVM and mdadm themselves tell which devices belong together.
# Each is a line ID|BASE|NAME of TOGETHER.

# belongs ID NAME DEVICE
belongs() {
  case $3 in /dev/*) ;; *) return 0 ;; esac
  device=$(readlink -f "$3")
  kernel_name "$device"
  bases "$KERNEL"
  for base in $BASES; do
    TOGETHER="$TOGETHER$1|$base|$2
"
  done
}

# check_together WHAT: nothing may lie on what is cleared and on what is not.
check_together() {
  while IFS='|' read -r id base name; do
    [ -n "$id" ] || continue
    if planned "$base"; then continue; fi
    while IFS='|' read -r other_id other_base _; do
      if [ "$other_id" = "$id" ] && planned "$other_base"; then
        describe "$OWNER"
        refuse KSG-108 "$1 $name also lies on $base, which $UNTOUCHED"
      fi
    done <<END
$TOGETHER
END
  done <<END
$TOGETHER
END
}

check_groups() {
  have pvs || return 0
  table=$(lvm_run pvs --noheadings --separator '|' -o vg_uuid,vg_name,pv_name 2>/dev/null) ||
    die 10 KSG-111 "LVM cannot tell what is on the disks"
  TOGETHER=''
  while IFS='|' read -r group name device; do
    if [ -n "${group##* }" ]; then belongs "${group##* }" "$name" "$device"; fi
  done <<END
$table
END
  check_together group
  while IFS='|' read -r group base name; do
    [ -n "$group" ] || continue
    case " $GROUP_NAMES " in *" $name "*) ;; *) continue ;; esac
    if ! planned "$base"; then
      error KSG-109 "device $base: not in the plan, holds a group $name"
      REFUSED=yes
    fi
  done <<END
$TOGETHER
END
}

check_arrays() {
  have mdadm || return 0
  TOGETHER='' array='' array_name=''
  while read -r line; do
    case $line in
      ARRAY*)
        array='' array_name=''
        for word in $line; do
          case $word in
            UUID=*) array=${word#UUID=} ;;
            /dev/md/*) array_name=${word#/dev/md/} ;;
            name=*) array_name=${word#name=} ;;
          esac
        done
        ;;
      devices=*)
        old_ifs=$IFS
        IFS=,
        for device in ${line#devices=}; do
          IFS=$old_ifs
          if [ -n "$array" ]; then belongs "$array" "${array_name:-$array}" "$device"; fi
        done
        IFS=$old_ifs
        ;;
    esac
  done <<END
$(mdadm --examine --scan --verbose 2>/dev/null 9>&- || :)
END
  check_together array
}

# File systems over several devices (btrfs, ZFS), and what is cached with its cache (bcache).
check_pools() {
  TOGETHER='' device='' kind='' pool=''
  while read -r line; do
    case $line in
      DEVNAME=*) device=${line#DEVNAME=} kind='' pool='' ;;
      UUID=*) pool=${line#UUID=} ;;
      TYPE=*) kind=${line#TYPE=} ;;
      '')
        case $kind in
          btrfs | zfs_member) ;;
          bcache) pool=$(cache_set "$device") ;;
          *) pool='' ;;
        esac
        if [ -n "$pool" ]; then belongs "$pool" "$pool" "$device"; fi
        ;;
    esac
  done <<END
$(blkid -c /dev/null -o export 2>/dev/null || :)

END
  check_together pool
}

# cache_set DEVICE: the id of the set in a bcache superblock (linux/bcache.h, struct cache_sb); none
# where it was never attached.
cache_set() {
  set_id=$(dd if="$1" bs=4096 skip=1 count=1 2>/dev/null | od -An -v -tx1 -j56 -N16 | tr -d ' \n')
  case $set_id in *[!0]*) printf '%s' "$set_id" ;; esac
}

# LVM looks at every device, past any list of devices the image keeps. It can leave a daemon behind,
# which must not hold the lock.
lvm_run() {
  lvm_command=$1
  shift
  LVM_SUPPRESS_FD_WARNINGS=1 "$lvm_command" --config 'devices/use_devicesfile=0' "$@" 9>&-
}
