# Runs the plan's partition script as far as UNTIL says.
#   SCRIPT  where the script lies on the node
#   UNTIL   check, wipe, partitions or filesystems
# shellcheck shell=sh disable=SC2154

main() {
  read -r boot_id </proc/sys/kernel/random/boot_id
  # Left from an interrupted install of an earlier attempt: in use, the disks cannot be wiped.
  [ "$UNTIL" = check ] || unmount_all "$TARGET"
  sh "$SCRIPT" "--until=$UNTIL" "--target=$TARGET" || exit
  result bootId "$boot_id"
}

main "$@" </dev/null
