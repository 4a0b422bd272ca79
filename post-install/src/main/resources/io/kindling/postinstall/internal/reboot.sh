# Leaves the installed system clean on its disks and restarts the machine; the connection ends
# with it. Needs lib.sh before it.
# shellcheck shell=sh disable=SC2154

main() {
  read -r boot_id </proc/sys/kernel/random/boot_id
  activate
  mount_target vfat
  if [ "$(cat "$TARGET/etc/kindling/node")" != "node=$NODE
attempt=$ATTEMPT" ]; then
    fail INS-063 "the disks do not hold this attempt's system; nothing was restarted"
  fi
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
  echo "restarting"
  # After the answer is out. The bootstrap's init may be any; the last way needs none.
  setsid sh -c 'sleep 3; reboot -f; sleep 10; echo b >/proc/sysrq-trigger' \
    >/dev/null 2>&1 &
}

main "$@" </dev/null
