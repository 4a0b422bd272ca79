#!/bin/sh
# Ends the job that runs on the node, with everything it started; nothing where none runs.

main() {
  base=${KINDLING_RUN:-/run/kindling}
  exec 8<"$base/job.lock" || exit 0
  flock -s -n 8 && exit 0
  read -r _ name _ _ pid <"$base/current" || exit 0
  echo "stopping job $name"
  kill -TERM "-$pid" 2>/dev/null
  flock -s -w 20 8 && exit 0
  kill -KILL "-$pid" 2>/dev/null
  flock -s -w 20 8
}

main "$@" </dev/null
