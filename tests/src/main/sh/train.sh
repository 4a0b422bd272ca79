#!/bin/sh
# train.sh OUTPUT JAVA OPTION… : runs the appliance once, in a network namespace of its own, and keeps what the JVM
# learns of its start in OUTPUT (an AOT cache, JEP 514). Needs root, unshare and ip.
set -eu

output=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/kindling.yaml" <<END
state: $work/state
images:
  cache: $work/cache
provisioning:
  interface: lo
  address: 127.0.0.1/24
  pool: 127.0.0.100-127.0.0.199
END

# shellcheck disable=SC2016 # the inner shell's arguments
unshare --net sh -c 'ip link set lo up && exec "$@"' sh "$@" "-XX:AOTCacheOutput=$output.part" \
  io.kindling.appliance.cli.Kindling serve --config "$work/kindling.yaml" >"$work/out" 2>&1 &
appliance=$!
until [ -S "$work/state/kindling.sock" ]; do
  kill -0 "$appliance" 2>/dev/null || { cat "$work/out" >&2; exit 1; }
  sleep 0.1
done
"$@" io.kindling.appliance.cli.Kindling --state "$work/state" status >/dev/null 2>&1 || :
"$@" io.kindling.appliance.cli.Kindling --state "$work/state" node list >/dev/null 2>&1 || :
kill -TERM "$appliance"
wait "$appliance" || :
if ! [ -s "$output.part" ]; then
  cat "$work/out" >&2
  exit 1
fi
mv "$output.part" "$output"
