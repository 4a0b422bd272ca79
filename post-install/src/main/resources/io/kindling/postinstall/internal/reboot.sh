# Leaves the installed system clean on its disks and enters it; the connection ends with that.
#   ENTRY   firmware: by a restart; kexec: by the installed kernel at once
# Needs lib.sh before it.
# shellcheck shell=sh disable=SC2154

main() {
  read -r boot_id </proc/sys/kernel/random/boot_id
  activate
  mount_target vfat
  if [ "$(cat "$TARGET/etc/kindling/node")" != "node=$NODE
attempt=$ATTEMPT" ]; then
    fail INS-063 "the disks do not hold this attempt's system; nothing was restarted"
  fi
  enter='reboot -f'
  if [ "$ENTRY" = kexec ] && load_kernel; then enter='kexec -e; reboot -f'; fi
  unmount_all "$TARGET"
  printf '%s\n' "$GROUPS_" | while read -r group; do
    [ -z "$group" ] || vgchange -q -an "$group" >/dev/null
  done
  # Cleanly stopped, an array goes on where its first synchronisation was.
  printf '%s\n' "$ARRAYS" | while read -r id _; do
    [ -z "$id" ] || mdadm --stop --quiet "$(array "$id")"
  done
  sync
  result bootId "$boot_id"
  echo "restarting: $enter"
  # After the answer is out. The bootstrap's init may be any; the last way needs none.
  setsid sh -c "sleep 3; $enter; sleep 10; echo b >/proc/sysrq-trigger" \
    >/dev/null 2>&1 &
}

# Loads the kernel that the installed GRUB's first entry starts, with its arguments; fails where
# this kernel refuses it, or there is nothing to load.
load_kernel() {
  menu=$TARGET/boot/grub/grub.cfg
  read -r _ kernel arguments <<END
$(grep -m 1 '^[[:space:]]*linux[[:space:]]' "$menu")
END
  read -r _ initrd <<END
$(grep -m 1 '^[[:space:]]*initrd[[:space:]]' "$menu")
END
  boot=$TARGET # GRUB's paths are those of the file system that holds /boot
  [ -e "$TARGET$kernel" ] || boot=$TARGET/boot
  if kexec -s -l "$boot$kernel" --initrd="$boot$initrd" --command-line="$arguments"; then
    echo "entering $kernel by kexec: no firmware has started this system yet"
  else
    echo "kexec cannot load $kernel: going through the firmware instead"
    return 1
  fi
}

main "$@" </dev/null
