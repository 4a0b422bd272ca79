# Makes the installed system bootable from every disk that the plan gives boot code, by BIOS and by
# UEFI, whichever the machine runs now.
#   FSTAB, MDADM, GRUB_DEFAULTS  the files' text
#   BOOT_ID               UUID of the file system that holds /boot
#   BOOT_PREFIX           GRUB's folder on it: /grub, or /boot/grub
#   LABEL                 the NVRAM entries' name
# Needs lib.sh before it.
# shellcheck shell=sh disable=SC2154

main() {
  activate
  mount_target
  write 0644 /etc/fstab "$FSTAB"
  write 0644 /etc/mdadm/mdadm.conf "$MDADM"
  write 0644 /etc/default/grub.d/kindling.cfg "$GRUB_DEFAULTS"
  enter_target
  efi
  bios
  echo "writing GRUB's menu"
  in_target update-grub || fail INS-031 "update-grub failed"
  grep -q '^[[:space:]]*linux[[:space:]]' "$TARGET/boot/grub/grub.cfg" ||
    fail INS-030 "the image has no kernel that GRUB finds"
  leave_target
  sync
}

bios() {
  printf '%s\n' "$BIOS" | while read -r guid; do
    [ -n "$guid" ] || continue
    device=$(disk "$guid")
    [ -n "$device" ] || fail INS-020 "no disk has GUID $guid"
    echo "BIOS boot code on $device"
    # Where /boot is on another disk, grub-install makes the core image look for its UUID.
    in_target grub-install --target=i386-pc --no-floppy --recheck "$device" ||
      fail INS-031 "grub-install failed on $device"
    rm -f "$TARGET/boot/grub/device.map" # it would freeze today's device names
  done || exit 1
}

# Debian's signed shim and GRUB, under the vendor's path and the removable one (a firmware that has
# lost its entries finds that). The signed GRUB reads EFI/debian/grub.cfg of its own partition.
efi() {
  shim=$TARGET/usr/lib/shim
  grub=$TARGET/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed
  esp=/run/kindling/esp
  entered=0 written=''
  unmount_all "$esp"
  printf '%s\n' "$ESPS" | while read -r id guid number; do
    [ -n "$id" ] || continue
    if ! [ -e "$shim/shimx64.efi.signed" ] || ! [ -e "$grub" ]; then
      fail INS-030 "the image has no signed shim or GRUB"
    fi
    if [ "$id" != "$written" ]; then loaders "$id"; fi
    written=$id # a mirrored one has a line for each disk
    nvram "$guid" "$number"
  done || exit 1
}

loaders() {
  mount_one "$1" vfat "$esp"
  echo "EFI loader on $(file_system "$1")"
  mkdir -p "$esp/EFI/debian" "$esp/EFI/BOOT"
  for place in debian/shimx64.efi BOOT/BOOTX64.EFI; do
    put "$shim/shimx64.efi.signed" "$esp/EFI/$place"
    put "$grub" "$esp/EFI/${place%/*}/grubx64.efi"
    for mok in "$shim/mmx64.efi.signed" "$shim/mmx64.efi"; do
      [ ! -e "$mok" ] || { put "$mok" "$esp/EFI/${place%/*}/mmx64.efi"; break; }
    done
  done
  cat >/run/kindling/grub-stub.cfg <<END
search.fs_uuid $BOOT_ID root
set prefix=(\$root)$BOOT_PREFIX
configfile \$prefix/grub.cfg
END
  put /run/kindling/grub-stub.cfg "$esp/EFI/debian/grub.cfg"
  unmount_all "$esp"
}

put() {
  if ! { cp "$1" "$2.new" && mv -f "$2.new" "$2"; }; then
    fail INS-031 "$2 cannot be written"
  fi
}

# An entry of our own for each disk, behind all others: network stays first. Former ones of ours are
# replaced. Firmware that takes no entry still has the removable path, so a failure is only told.
nvram() {
  [ -d /sys/firmware/efi ] || return 0
  mounted /sys/firmware/efi/efivars ||
    mount -t efivarfs efivarfs /sys/firmware/efi/efivars || true
  device=$(disk "$1")
  [ -n "$device" ] || fail INS-020 "no disk has GUID $1"
  entered=$((entered + 1))
  label=$LABEL
  if [ "$entered" = 1 ]; then
    for old in $(entries "$LABEL") $(entries "$LABEL (disk [0-9]*)"); do
      efibootmgr -q -b "$old" -B
    done
  else
    label="$LABEL (disk $entered)"
  fi
  order=$(boot_order)
  efibootmgr -q -C -d "$device" -p "$2" -L "$label" -l '\EFI\debian\shimx64.efi' ||
    { echo "warning: the firmware took no boot entry; EFI/BOOT/BOOTX64.EFI remains"; return 0; }
  ours=$(entries "$label" | head -n 1)
  if ! efibootmgr -q -o "${order:+$order,}$ours"; then
    echo "warning: the firmware took no boot order"
  fi
  efibootmgr
}

boot_order() { efibootmgr | sed -n 's/^BootOrder: *//p'; }

# The numbers of entries of a name (a pattern); it may be followed by a tab and the device path.
entries() {
  tab=$(printf '\t')
  efibootmgr | while IFS= read -r line; do
    case $line in Boot[0-9A-F][0-9A-F][0-9A-F][0-9A-F]*) ;; *) continue ;; esac
    rest=${line#Boot????}
    number=${line%"$rest"}
    rest=${rest#?} # the star of an active entry, or a blank
    rest=${rest# }
    # shellcheck disable=SC2254 # a pattern
    case ${rest%%"$tab"*} in $1) printf '%s\n' "${number#Boot}" ;; esac
  done
}

main "$@" </dev/null
