#!/bin/sh
# Runs a job on the node, or joins it where it already runs, and prints its output to the end. The
# job itself does not hang on this connection: it goes on when the channel breaks, and a later call
# joins it. One job runs on a node at a time.
#
#   sh -s -- NAME HASH ATTEMPT RUN SKIP
#
# NAME, HASH: the job's script is jobs/NAME/script.HASH. RUN: the run that the caller followed
# before (empty: none), of which it has SKIP lines. The first line printed is `KINDLING-RUN id`;
# where it is another id than RUN, the output starts from its first line.

main() {
  name=$1 hash=$2 attempt=$3 run=$4 skip=$5
  base=${KINDLING_RUN:-/run/kindling}
  dir=$base/jobs/$name
  mkdir -p "$dir" || exit 125
  umask 077

  exec 7>"$base/start.lock" && flock 7 || exit 125
  exec 8>"$base/job.lock"
  joined=
  if ! flock -n 8; then
    read -r current_run current_name current_hash current_attempt current_pid \
      <"$base/current" || current_run=
    if [ "$current_name $current_hash $current_attempt" = "$name $hash $attempt" ]; then
      joined=1 run_now=$current_run
      [ "$run_now" = "$run" ] || skip=0
      echo "KINDLING-RUN $run_now"
    elif [ "$current_attempt" != "$attempt" ]; then
      echo "stopping job $current_name of attempt $current_attempt"
      kill -TERM "-$current_pid" 2>/dev/null
      flock -w 20 8 || { kill -KILL "-$current_pid" 2>/dev/null; flock 8; }
    else
      echo "waiting for job $current_name to end"
      flock 8
    fi
  fi

  if [ -z "$joined" ]; then
    if [ -n "$run" ] && [ -e "$dir/rc" ] && [ "$(cat "$dir/run" 2>/dev/null)" = "$run" ]; then
      echo "KINDLING-RUN $run" # it ended while the caller was away
    else
      read -r run_now </proc/sys/kernel/random/uuid
      skip=0
      rm -f "$dir/rc"
      : >"$dir/output"
      echo "$run_now" >"$dir/run"
      # shellcheck disable=SC2016
      setsid sh -c '
        export LVM_SUPPRESS_FD_WARNINGS=1
        # Without the lock: a daemon that some tool leaves behind must not keep it.
        sh "$1/script.$2" >"$1/output" 2>&1 8>&-
        echo $? >"$1/rc.new" && mv -f "$1/rc.new" "$1/rc"
      ' job "$dir" "$hash" </dev/null >/dev/null 2>&1 7>&- &
      echo "$run_now $name $hash $attempt $!" >"$base/current"
      echo "KINDLING-RUN $run_now"
    fi
  fi
  exec 8>&- 7>&-
  follow
}

follow() {
  offset=0
  [ "$skip" -gt 0 ] && offset=$(head -n "$skip" "$dir/output" | wc -c)
  exec 9<"$base/job.lock"
  while :; do
    ended=
    [ -e "$dir/rc" ] && ended=1 # comes after the last output, so look at it first
    size=$(wc -c <"$dir/output")
    if [ "$size" -gt "$offset" ]; then
      tail -c "+$((offset + 1))" "$dir/output" | head -c "$((size - offset))" || exit 125
      offset=$size
    fi
    [ "$ended" ] && break
    # Waits for the job's end, a second at most. Its lock free and no rc: it was killed.
    if flock -s -w 1 9; then
      flock -u 9
      [ -e "$dir/rc" ] || { echo "the job was killed"; exit 137; }
    fi
  done
  read -r rc <"$dir/rc"
  exit "$rc"
}

main "$@" </dev/null
