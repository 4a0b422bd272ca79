#!/bin/sh
# host-notes [cluster]: what somebody who helps wants to see of a host, as root; with `cluster` also what the monitors
# say. Nothing here prints a key, and the appliance takes out what looks like one.

note() {
  printf '\n$ %s\n' "$*"
  timeout 30 "$@" 2>&1 </dev/null | tail -c 400000
}

note uname -a
note uptime
note df -h
note free -m
note ip -brief address
note ip route
note lsblk -o NAME,SIZE,TYPE,FSTYPE,MOUNTPOINTS,PARTTYPE,PARTUUID
note chronyc -n tracking
note chronyc -n sources
note systemctl --no-pager --failed
note systemctl --no-pager list-units 'ceph*' 'kindling*' 'haproxy*' 'keepalived*' 'chrony*'
note cat /etc/ceph/ceph.conf
note dpkg-query --show 'ceph*' radosgw haproxy keepalived chrony
note journalctl --no-pager -o short-iso -n 3000 -u 'ceph*' -u 'kindling*' -u haproxy -u keepalived -u chrony
note dmesg --ctime
if [ "${1:-}" = cluster ]; then
  for question in '-s' 'health detail' 'versions' 'mon dump' 'osd tree' 'osd df' 'osd pool ls detail' 'pg stat' 'config dump' 'crash ls'; do
    # shellcheck disable=SC2086 # words of a question
    note ceph --connect-timeout 15 $question
  done
fi
exit 0
