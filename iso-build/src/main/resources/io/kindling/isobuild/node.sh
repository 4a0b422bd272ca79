#!/bin/bash
# Builds the node image: node.tar.zst in OUT, the root of an installed node, with extended attributes; beside it its
# SHA-256, the kernel's release, the packages and the unpacked size.
# Unpack with: tar --extract --numeric-owner --xattrs --xattrs-include='*'
# Left to the installer: fstab, host name, network, users, ssh host keys, the boot loader and its configuration.
here=$(dirname "$0")
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
files=$here/node
root=$WORK/root

progress 1 4 "fetching and installing Debian packages"
# The settings are there before the kernel and the boot loaders are installed, so that the initramfs is right at once.
# The image is unpacked by slow machines: firmware of Wi-Fi, Bluetooth and Netronome's offloads stays out.
bootstrap_debian minbase "$root" --include="$(packages "$files/packages.list" | tr ' ' ',')" \
    --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='path-exclude=/usr/lib/firmware/netronome/nic-sriov/*' \
    --dpkgopt='path-exclude=/usr/lib/firmware/netronome/flower/*' \
    --dpkgopt='path-exclude=/usr/lib/firmware/rtw*' \
    --dpkgopt='path-exclude=/usr/lib/firmware/rtlwifi/*' \
    --dpkgopt='path-exclude=/usr/lib/firmware/rtl_bt/*' \
    --dpkgopt=force-confold --essential-hook="'$here/node/before-packages' \"\$1\""

progress 2 4 "configuring the system"
run() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"; }
# mdadm's own scan has looked at the building machine's arrays.
install -m 0644 "$files/mdadm.conf" "$root/etc/mdadm/mdadm.conf"
install -d "$root/etc/ssh/sshd_config.d"
install -m 0644 "$files/sshd.conf" "$root/etc/ssh/sshd_config.d/10-kindling.conf"
rm -f "$root"/etc/ssh/ssh_host_*
echo localhost >"$root/etc/hostname"
printf '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n' >"$root/etc/hosts"
rm -f "$root/etc/resolv.conf" "$root/var/lib/dbus/machine-id" "$root/var/lib/systemd/random-seed"
: >"$root/etc/resolv.conf"
: >"$root/etc/machine-id"
: >"$root/etc/fstab"
echo 'LANG=C.UTF-8' >"$root/etc/default/locale"
install -d "$root/var/log/journal"
# What apt finds later; the appliance may replace it. mmdebstrap leaves its own sources in a file of the folder.
rm -f "$root/etc/apt/sources.list" "$root"/etc/apt/sources.list.d/*
sources >"$root/etc/apt/sources.list.d/kindling.list"
run systemctl enable systemd-networkd.service ssh.service
run systemctl disable nftables.service mdmonitor.service 2>/dev/null || true
# The roles' daemons are there, and off: each role's own tasks switch them on. radosgw's boot script starts whatever
# ceph.conf names; instances of its unit take its place. Ceph's targets stay: alone they start nothing.
run systemctl disable ceph-crash.service haproxy.service keepalived.service rbdmap.service
run systemctl mask radosgw.service
for unit in ceph-crash ceph-mon haproxy keepalived radosgw rbdmap; do
    if run systemctl --quiet is-enabled "$unit.service"; then
        echo "$unit would start on every node" >&2
        exit 1
    fi
done
run usermod --lock root
run update-initramfs -u -k all
release=$(basename "$(echo "$root"/usr/lib/modules/*)")
run lsinitramfs "/boot/initrd.img-$release" >"$WORK/initramfs.txt"
for wanted in /mdadm /lvm /nvme /virtio_blk /megaraid_sas /xfs /ext4 /raid1; do
    if ! grep -q "$wanted" "$WORK/initramfs.txt"; then
        echo "the initramfs lacks $wanted" >&2
        exit 1
    fi
done
[ -e "$root/vmlinuz" ] && [ -e "$root/initrd.img" ]
echo "$release" >"$OUT/kernel-release"
run dpkg-query --show >"$OUT/packages.txt"

progress 3 4 "packing the root"
(
    cd "$root"
    rm -rf var/lib/apt/lists/* var/cache/apt/*.bin var/cache/debconf/*-old var/cache/ldconfig/* var/log/*.log var/log/apt \
        tmp/* run/* var/tmp/* usr/share/locale/* usr/share/man/*
)
du -sb "$root" | cut -f1 >"$OUT/unpacked-bytes"
tar --create --directory="$root" --format=posix --numeric-owner --xattrs --xattrs-include='*' --sort=name \
    --pax-option=delete=atime,delete=ctime --one-file-system . | zstd -q -T0 -12 -o "$OUT/node.tar.zst"

progress 4 4 "computing the checksum"
(cd "$OUT" && sha256sum node.tar.zst >node.tar.zst.sha256)
