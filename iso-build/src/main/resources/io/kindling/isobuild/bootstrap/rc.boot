#!/bin/sh
# What has to be there before anything else: kernel file systems, console, host name.
# shellcheck source-path=SCRIPTDIR source=functions.sh
. /usr/lib/kindling/functions.sh

mount -t proc -o nosuid,noexec,nodev proc /proc
mount -t sysfs -o nosuid,noexec,nodev sys /sys
mount -t tmpfs -o nosuid,nodev,mode=0755 run /run
mkdir -p /dev/pts /dev/shm /run/kindling /run/sshd /run/lock /run/lldpd /run/lvm /run/udev
mount -t devpts -o nosuid,noexec,mode=0620,ptmxmode=0666,gid=5 devpts /dev/pts
mount -t tmpfs -o nosuid,nodev,mode=1777 shm /dev/shm
ln -sf /proc/self/fd /dev/fd
ln -sf /proc/self/fd/0 /dev/stdin
ln -sf /proc/self/fd/1 /dev/stdout
ln -sf /proc/self/fd/2 /dev/stderr
chmod 1777 /tmp
if [ -d /sys/firmware/efi ]; then
    modprobe -q efivarfs
    mount -t efivarfs -o nosuid,noexec,nodev efivarfs /sys/firmware/efi/efivars 2>/dev/null
fi
# Only warnings and worse from now on: the status lines are what one reads here.
dmesg -n 4
stty -F /dev/ttyS0 115200 2>/dev/null
hostname kindling-bootstrap
ip link set lo up

url=$(argument kindling.url)
boot=$(argument kindling.boot | tr 'A-F-' 'a-f:')
printf '%s' "$url" >"$state/url"
printf '%s' "$boot" >"$state/boot"
say "Kindling bootstrap, kernel $(uname -r), appliance ${url:-not given (kindling.url=)}, boot NIC ${boot:-any}"

if [ -s /etc/kindling/appliance.pub ]; then
    mkdir -p /root/.ssh
    cp /etc/kindling/appliance.pub /root/.ssh/authorized_keys
    chmod 0700 /root/.ssh
    chmod 0600 /root/.ssh/authorized_keys
else
    say "no key of the appliance in the second initrd: nobody can log in"
fi
