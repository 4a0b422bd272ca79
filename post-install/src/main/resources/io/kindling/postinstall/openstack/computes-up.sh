#!/bin/sh
# computes-up HOST…: are Nova's and OVN's agents of all these hosts up? Exit 0 yes, 1 no. Installed as
# /usr/local/lib/kindling/computes-up, run as root on the controller.

list() {
  openstack --os-cloud kindling "$@" 2>&1
}

if ! services=$(list compute service list --service nova-compute -f value -c Host -c State) ||
  ! agents=$(list network agent list -f value -c 'Agent Type' -c Host -c Alive); then
  printf '%s\n%s\n' "$services" "$agents" | tail -n 3
  exit 1
fi
missing=
for host; do
  printf '%s\n' "$services" | grep -qx "$host up" || missing="$missing nova-compute:$host"
  printf '%s\n' "$agents" | grep -q "^OVN Controller.* $host True" || missing="$missing ovn-controller:$host"
  printf '%s\n' "$agents" | grep -q "^OVN Metadata.* $host True" || missing="$missing ovn-metadata:$host"
done
[ -z "$missing" ] && exit 0
echo "not up:$missing"
exit 1
