#!/bin/sh
# Boots a container host and stays until it ends: overlay on the unpacked node image, then systemd-nspawn. To be run in a
# mount namespace of its own (unshare --mount), in the host's network namespace: its mounts end with it, however it ends.
#
#   container-host.sh DIRECTORY DEVICE…
#
# DIRECTORY is the host's own: what it writes is in changes/. DEVICEs are block devices it sees.
# Environment: IMAGE (the unpacked node image), NAME, MACHINE_ID, AUTHORIZED_KEY (may be empty).
set -eu
directory=$1
shift
root=$directory/root
mkdir -p "$directory/changes" "$directory/work" "$root"
mount -t overlay -o "lowerdir=$IMAGE,upperdir=$directory/changes,workdir=$directory/work" overlay "$root"

# The first start makes what the installer would have made.
if [ ! -e "$directory/made" ]; then
    echo "$NAME" >"$root/etc/hostname"
    printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "$NAME" >"$root/etc/hosts"
    echo "$MACHINE_ID" >"$root/etc/machine-id"
    rm -f "$root"/etc/ssh/ssh_host_*
    ssh-keygen -q -t ed25519 -N '' -C "$NAME" -f "$root/etc/ssh/ssh_host_ed25519_key"
    if [ -d "$directory/network" ]; then
        install -m 0644 -t "$root/etc/systemd/network" "$directory"/network/*.network
    fi
    chroot "$root" useradd --create-home --shell /bin/bash kindling
    echo 'kindling ALL=(ALL:ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/kindling"
    chmod 0440 "$root/etc/sudoers.d/kindling"
    if [ -n "${AUTHORIZED_KEY:-}" ]; then
        install -d -m 0700 "$root/home/kindling/.ssh"
        echo "$AUTHORIZED_KEY" >"$root/home/kindling/.ssh/authorized_keys"
        chmod 0600 "$root/home/kindling/.ssh/authorized_keys"
        chroot "$root" chown -R kindling: /home/kindling/.ssh
    fi
    # A container cannot set the kernel's clock: chrony follows its sources without touching it.
    install -d "$root/etc/systemd/system/chrony.service.d"
    printf '[Unit]\nConditionCapability=\n' >"$root/etc/systemd/system/chrony.service.d/container.conf"
    echo 'DAEMON_OPTS="-x -F 1"' >"$root/etc/default/chrony"
    # Where cgroups are hybrid, a user's own systemd does not hear that it is to end.
    install -d "$root/etc/systemd/system/user@.service.d"
    printf '[Service]\nTimeoutStopSec=3\n' >"$root/etc/systemd/system/user@.service.d/container.conf"
    # What is cut off here is processes, never a disk's cache: no package's file need be waited for.
    echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/container"
    # What only a machine has.
    for unit in smartmontools.service lvm2-monitor.service blk-availability.service fstrim.timer e2scrub_reap.service \
        xfs_scrub_all.timer e2scrub_all.timer nvmf-autoconnect.service systemd-networkd-wait-online.service; do
        ln -sf /dev/null "$root/etc/systemd/system/$unit"
    done
    # libvirt can make no control groups here; what nodes have of its configuration stays as it is.
    install -d "$root/etc/systemd/system/libvirtd.service.d"
    cat >"$root/etc/systemd/system/container-libvirt.service" <<'END'
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'cp /etc/libvirt/qemu.conf /run/qemu.conf && echo "cgroup_controllers = []" >>/run/qemu.conf'
END
    cat >"$root/etc/systemd/system/libvirtd.service.d/container.conf" <<'END'
[Unit]
Requires=container-libvirt.service
After=container-libvirt.service
[Service]
BindReadOnlyPaths=/run/qemu.conf:/etc/libvirt/qemu.conf
END
    : >"$directory/made"
fi

# A monitor warns where its file system is nearly full: it gets one of its own, or it would speak of the machine underneath.
if [ ! -e "$directory/mon.made" ]; then
    rm -f "$directory/mon.ext4"
    truncate -s 4G "$directory/mon.ext4"
    mkfs.ext4 -q -i 65536 "$directory/mon.ext4"
    : >"$directory/mon.made"
fi
mount -o loop "$directory/mon.ext4" "$root/var/lib/ceph/mon"
chroot "$root" chown ceph: /var/lib/ceph/mon

for device in "$@"; do
    shift
    set -- "$@" "--bind=$device"
done
# Guests' NICs.
[ ! -c /dev/net/tun ] || set -- "$@" --bind=/dev/net/tun
# It takes the namespace it is in as the machine's own network, sysctls included.
export SYSTEMD_NSPAWN_API_VFS_WRITABLE=network
while :; do
    # Drives that were plugged in while it ran, with the partitions that they have by now.
    plugged=
    touch "$directory/plugged"
    while read -r device; do
        for node in "$device" "$device"p*; do
            [ ! -b "$node" ] || plugged="$plugged --bind=$node"
        done
    done <"$directory/plugged"
    code=0
    # shellcheck disable=SC2086 # to be split
    systemd-nspawn --quiet --boot --register=no --keep-unit --directory="$root" --machine="$NAME" \
        --uuid="$MACHINE_ID" --capability=CAP_NET_ADMIN,CAP_NET_RAW --console=read-only --link-journal=no \
        --resolv-conf=off --timezone=off "$@" $plugged || code=$?
    # Its way to say that the system inside has rebooted.
    [ "$code" = 133 ] || break
done
