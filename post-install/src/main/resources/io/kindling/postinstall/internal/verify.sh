# Is the running system the planned one? Run as the installed system's user.
#   OLD_BOOT_ID  the bootstrap's, empty where unknown
#   ROOT_ID      UUID of the root file system
#   NODE, ATTEMPT
#   PARTITIONS   lines `PARTUUID TYPE`: Ceph's partitions
# Needs lib.sh before it.
# shellcheck shell=sh disable=SC2154

main() {
  read -r boot_id </proc/sys/kernel/random/boot_id
  [ "$boot_id" != "$OLD_BOOT_ID" ] || fail INS-050 "the machine was not restarted"
  sudo -n true || fail INS-063 "the user may not become root by sudo"
  if [ "$(cat /etc/kindling/node)" != "node=$NODE
attempt=$ATTEMPT" ]; then
    fail INS-063 "another node's system or an older one: $(tr '\n' ' ' </etc/kindling/node)"
  fi
  root=$(findmnt -n -o UUID /)
  [ "$root" = "$ROOT_ID" ] || fail INS-063 "/ is file system $root, planned is $ROOT_ID"
  printf '%s\n' "$PARTITIONS" | while read -r partition type; do
    [ -n "$partition" ] || continue
    found=$(sudo -n blkid -c /dev/null -t "PARTUUID=$partition" -o device | head -n 1)
    [ -n "$found" ] || found=$(readlink -f "/dev/disk/by-partuuid/$partition")
    [ -b "$found" ] || fail INS-063 "there is no partition $partition"
    is=$(sudo -n blkid -p -s PART_ENTRY_TYPE -o value "$found" ||
      lsblk -n -d -o PARTTYPE "$found")
    [ "$is" = "$type" ] || fail INS-063 "$found has GPT type $is, planned is $type"
  done || exit 1
  lsblk -o NAME,SIZE,TYPE,PARTTYPE,PARTLABEL,MOUNTPOINT
  state=$(timeout 600 systemctl is-system-running --wait)
  case $state in
    running) ;;
    *)
      echo "warning: systemd says the system is ${state:-still starting}"
      systemctl --failed --no-legend --plain | while read -r unit _; do
        echo "warning: failed unit $unit"
      done
      ;;
  esac
  result systemBootId "$boot_id"
  result systemState "${state:-starting}"
}

main "$@" </dev/null
