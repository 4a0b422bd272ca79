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
    BIOS_BOOT | CEPH_OSD | CEPH_JOURNAL | OTHER | PHYSICAL_VOLUME | RAID_MEMBER | ESP_MEMBER) return 0 ;;
  esac
  [ -n "$8" ] || return 0
  partition_node "$1"
  make_fs "$NODE" "$8" "$9" "$ID $6"
}

partition_volume() {
  [ "$7" = PHYSICAL_VOLUME ] || return 0
  [ "${10}" = "$GROUP" ] || return 0
  partition_node "$1"
  physical_volume "$NODE" "${11}" "$ID $6"
}

array_volume() {
  [ "$6" = "$GROUP" ] || return 0
  find_array "$2"
  physical_volume "$ARRAY" "$7" "array $1"
}

# physical_volume DEVICE PV-ID WHAT
physical_volume() {
  PVS="$PVS $1"
  if [ "$(content_id "$1")" = "$2" ]; then return 0; fi
  say "step filesystems $3: physical volume of $GROUP"
  lvm_run pvcreate -q -y -ff --norestorefile --uuid "$2" "$1" >/dev/null ||
    die 13 KSG-141 "$3: pvcreate failed on $1"
}

group() {
  GROUP=$1
  PVS=''
  for index in $DISKS; do
    locate "$index"
    partitions "$index" partition_volume
  done
  arrays array_volume
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
  if [ -n "$ARRAYS" ] && have modprobe; then modprobe -q raid1 2>/dev/null || :; fi
  arrays make_array
  for name in $GROUP_NAMES; do group "$name"; done
  arrays array_content
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
