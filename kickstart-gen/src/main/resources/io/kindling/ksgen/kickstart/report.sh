
# hand_in METHOD WHAT FILE: gives a file to the appliance.
hand_in() {
  curl -sS --fail --retry 10 --retry-connrefused --retry-delay 3 --max-time 300 -o /dev/null -X "$1" \
    -H "Authorization: Bearer $TOKEN" --data-binary "@$3" "$AGENT/$2"
}

# hand_in_logs PLACE...: what there is of logs; the last 4 MiB of each.
hand_in_logs() {
  for log in "$@"; do
    [ -s "$log" ] || continue
    name=${log##*/}
    tail -c 4194304 "$log" >/tmp/kindling.log.part
    hand_in PUT "logs/${name%.log}" /tmp/kindling.log.part || :
  done
  rm -f /tmp/kindling.log.part
}

# failed REASON: the node's error in the console.
failed() {
  printf '%s' "$1" >/tmp/kindling.reason
  hand_in POST installer/failed /tmp/kindling.reason || :
}

# ended STATUS LOG: at the end of a script; tells why it did not come to its own.
ended() {
  trap - EXIT
  [ "$1" != 0 ] || return 0
  set +e
  hand_in_logs "$2" # first: a report of failure ends the token's time
  failed "$(sed -n 's/^KINDLING-ERROR //p' "$2" | head -n 3 | tr '\n' ' ')status $1"
  exit "$1"
}
