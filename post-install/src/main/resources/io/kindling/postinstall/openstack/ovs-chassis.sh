#!/bin/sh
# ovs-chassis check|apply NAME TUNNEL SOUTHBOUND MANAGER: makes this host a chassis of OVN. NAME is what Nova calls it, TUNNEL
# its address between chassis, SOUTHBOUND where OVN's database is, MANAGER where agents reach the switch's own database.
# Where the kernel has no Open vSwitch, frames pass through the one in user space, which is slower. Exit 0 as planned, 1 not.
# Installed as /usr/local/lib/kindling/ovs-chassis, run as root.

verb=$1

if modprobe -q openvswitch 2>/dev/null || [ -d /sys/module/openvswitch ]; then
  datapath=system
else
  datapath=netdev
fi

# A transport of that many seconds: the database has answered or it never will.
vsctl() {
  ovs-vsctl --timeout=20 "$@"
}

setting() {
  is=$(vsctl --if-exists get Open_vSwitch . "external_ids:$1") || exit 75
  case $is in "$2" | "\"$2\"") return ;; esac
  echo "$1 is ${is:-not set}"
  wrong=1
  [ "$verb" = check ] || vsctl set Open_vSwitch . "external_ids:$1=\"$2\"" || exit 2
}

wrong=0
setting hostname "$2"
setting ovn-encap-type geneve
setting ovn-encap-ip "$3"
setting ovn-remote "$4"
setting ovn-bridge br-int
setting ovn-bridge-datapath-type "$datapath"
if [ "$(vsctl get-manager)" != "$5" ]; then
  echo "the manager is another"
  wrong=1
  [ "$verb" = check ] || vsctl set-manager "$5" || exit 2
fi
[ "$verb" = apply ] || exit "$wrong"
