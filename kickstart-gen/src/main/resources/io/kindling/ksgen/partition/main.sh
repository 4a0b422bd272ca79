# ---- Main ------------------------------------------------------------------------------------------

main() {
  check
  if [ "$UNTIL" = check ]; then return 0; fi
  for disk_index in $DISKS; do wipe "$disk_index"; done
  case $UNTIL in
    wipe) ;;
    blank) for disk_index in $DISKS; do blank "$disk_index"; done ;;
    *)
      for disk_index in $DISKS; do partition_disk "$disk_index"; done
      if [ "$UNTIL" != partitions ]; then filesystems; fi
      ;;
  esac
  verify_kept
}

for argument in "$@"; do
  case $argument in
    --until=check | --until=wipe | --until=blank | --until=partitions | --until=filesystems) UNTIL=${argument#--until=} ;;
    --target=/?*) TARGET=${argument#--target=} ;;
    --read-back) READ_BACK=yes ;;
    *)
      printf 'usage: %s [--until=check|wipe|blank|partitions|filesystems] [--target=DIR] [--read-back]\n' "$0" >&2
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
