
# ---- The include -----------------------------------------------------------------------------------

ONLY=''
BOOT=''

# disk_name: sets DISK, as Anaconda calls the disk in hand.
disk_name() {
  DISK=${DEV#/dev/}
  case $KNAME in
    dm-*)
      value "/sys/class/block/$KNAME/dm/name"
      DISK=$VALUE
      ;;
  esac
}

only() {
  locate "$1"
  disk_name
  ONLY="${ONLY:+$ONLY,}$DISK"
}

boot_disk() {
  locate "$1"
  disk_name
  BOOT=$DISK
}

# line WORDS...: a command that names no partition.
line() { printf '%s\n' "$*"; }

# on DISK NUMBER WORDS: a command about a partition that exists.
on() {
  locate "$1"
  partition_node "$2"
  [ -b "$NODE" ] || die 12 KSG-161 "disk $ID: partition $2 is not at $NODE"
  printf '%s --onpart=%s\n' "$3" "${NODE#/dev/}"
}

booted=bios
if [ -d /sys/firmware/efi ]; then booted=uefi; fi
[ "$booted" = "$FIRMWARE" ] ||
  die 12 KSG-162 "the machine was inventoried with $FIRMWARE firmware, the installer was booted by $booted"
storage >"$INCLUDE.new" || die 12 KSG-161 "the storage part cannot be written"
mv -f "$INCLUDE.new" "$INCLUDE"
say "done include"
