# Run in the bootstrap of a machine that an unknown appliance installed: says what system is on its disks, lets a key into it
# where an operator wants that, and sends the machine back to its own disk, whatever came of the rest.
#   KEY    the public key to let in; empty to change nothing on any disk
#   USER_  the user of installed systems
# Needs lib.sh before it.
# shellcheck shell=sh disable=SC2154

main() {
  read -r boot_id </proc/sys/kernel/random/boot_id
  mkdir -p "$TARGET"
  (
    volumes
    find_root
    describe
    [ -z "$KEY" ] || let_in
  )
  status=$?
  unmount_all "$TARGET"
  vgchange -q -an >/dev/null
  mdadm --stop --scan --quiet
  sync
  result bootId "$boot_id"
  echo "restarting: it goes to its own disk"
  # After the answer is out. The bootstrap's init may be any; the last way needs none.
  setsid sh -c 'sleep 3; reboot -f; sleep 10; echo b >/proc/sysrq-trigger' \
    >/dev/null 2>&1 &
  return "$status"
}

volumes() {
  modprobe -q -a dm_mod raid1 ext4 xfs
  # Read-only arrays write no superblock and start no synchronisation.
  if [ -n "$KEY" ]; then access=''; else access=--readonly; fi
  # shellcheck disable=SC2086 # an option or none
  mdadm --assemble --scan --run --quiet $access
  vgchange -q -ay >/dev/null
  ! command -v udevadm >/dev/null || udevadm settle -t 30
}

# Mounts the file system that says of itself that Kindling installed it, without touching its journal.
find_root() {
  for device in $(blkid -c /dev/null -o device); do
    type=$(blkid -c /dev/null -p -s TYPE -o value "$device")
    case $type in
      ext4) options=ro,noload ;;
      xfs) options=ro,norecovery ;;
      *) continue ;;
    esac
    mount -t "$type" -o "$options" "$device" "$TARGET" 2>/dev/null || continue
    if [ -f "$TARGET/etc/kindling/node" ]; then
      echo "the installed system is on $device"
      return
    fi
    umount "$TARGET"
  done
  fail INS-070 "$(blkid -c /dev/null -o list 2>/dev/null | tail -n +3 | tr -s ' \n' ' ' | cut -c 1-300)"
}

describe() {
  result name "$(tr -cd 'a-z0-9-' <"$TARGET/etc/hostname")"
  sed -n 's/^\(ssh-ed25519 [A-Za-z0-9+/=]*\).*/\1/p' "$TARGET/etc/ssh/ssh_host_ed25519_key.pub" |
    while read -r line; do result hostKey "$line"; done
  # Addresses as the release has them: systemd-networkd's or NetworkManager's.
  sed -n 's/^[Aa]ddress[0-9]*=\([0-9.]*\)\/.*/\1/p' "$TARGET"/etc/systemd/network/*.network \
    "$TARGET"/etc/NetworkManager/system-connections/*.nmconnection 2>/dev/null |
    while read -r address; do result address "$address"; done
}

let_in() {
  entry=$(grep "^$USER_:" "$TARGET/etc/passwd") || fail INS-071 "it has no user $USER_"
  home=$(printf '%s' "$entry" | cut -d : -f 6)
  owner=$(printf '%s' "$entry" | cut -d : -f 3,4)
  keys=$home/.ssh/authorized_keys
  # The journal is replayed first, as the system itself would do: a remount is refused otherwise.
  umount "$TARGET"
  mount -t "$type" "$device" "$TARGET" || fail INS-071 "$device cannot be mounted for writing"
  if grep -qxF "$KEY" "$TARGET$keys" 2>/dev/null; then
    echo "the key was let in before"
    return
  fi
  write 0600 "$keys" "$(cat "$TARGET$keys" 2>/dev/null)
$KEY
"
  chown "$owner" "$TARGET$keys" || fail INS-071 "$keys"
  echo "the appliance's key is let in for $USER_"
}

main "$@" </dev/null
