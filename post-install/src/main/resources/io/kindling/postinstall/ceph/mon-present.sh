#!/bin/sh
# mon-present ID FSID: is there a monitor's store of that cluster? Exit 0 yes, 1 no; another cluster's
# is a failure with a name. Installed as /usr/local/lib/kindling/mon-present, run as root.

store=/var/lib/ceph/mon/ceph-$1
if [ "$(cat "$store/kindling-fsid" 2>/dev/null)" = "$2" ]; then exit 0; fi
if [ ! -e "$store/store.db" ]; then
  echo "no monitor's store in $store"
  exit 1
fi
# Not made by this appliance, or for another cluster: ask the monitor, or its store where it is down.
fsid=$(ceph --connect-timeout 5 daemon "mon.$1" mon_status 2>/dev/null |
  sed -n 's/.*"fsid": "\([^"]*\)".*/\1/p' | head -n 1)
if [ -z "$fsid" ]; then
  map=$(mktemp)
  ceph-mon -i "$1" --extract-monmap "$map" >/dev/null 2>&1
  fsid=$(monmaptool --print "$map" 2>/dev/null | sed -n 's/^fsid //p')
  rm -f "$map"
fi
if [ "$fsid" = "$2" ]; then
  printf '%s\n' "$2" >"$store/kindling-fsid"
  exit 0
fi
printf 'KINDLING-ERROR CEPH-003 %s belongs to cluster %s\n' "$store" "${fsid:-unknown}"
exit 2
