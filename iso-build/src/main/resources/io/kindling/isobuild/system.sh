#!/bin/bash
# Builds what the appliance's ISO starts, less the appliance itself: system.squashfs, vmlinuz and initrd; esp.img, bios.img and
# hybrid.img, the loaders of both firmwares; packages.tsv (name, version, architecture, source) and epoch, the date of the newest
# package list, which stands for "now" everywhere in it, so that the same packages make the same bytes.
here=$(dirname "$0")
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
files=$here/system
root=$WORK/root

progress 1 6 "asking for the package lists' dates"
epoch=0
lists=("$MIRROR/dists/$SUITE" "$MIRROR/dists/$SUITE-updates")
[ -z "$SECURITY" ] || lists+=("$SECURITY/dists/$SUITE-security")
for list in "${lists[@]}"; do
    /usr/lib/apt/apt-helper download-file "$list/InRelease" "$WORK/InRelease" >/dev/null
    date=$(date --date="$(sed -n 's/^Date: //p' "$WORK/InRelease" | head -n 1)" +%s)
    [ "$date" -le "$epoch" ] || epoch=$date
    rm "$WORK/InRelease"
done
export SOURCE_DATE_EPOCH=$epoch
echo "$epoch" >"$OUT/epoch"

progress 2 6 "fetching and installing Debian packages"
bootstrap_debian minbase "$root" --include="$(packages "$files/packages.list" | tr ' ' ',')" \
    --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='path-exclude=/usr/lib/firmware/netronome/nic-sriov/*' \
    --dpkgopt='path-exclude=/usr/lib/firmware/netronome/flower/*' \
    --dpkgopt='path-exclude=/usr/lib/firmware/rtw*' \
    --dpkgopt='path-exclude=/usr/lib/firmware/rtlwifi/*' \
    --dpkgopt='path-exclude=/usr/lib/firmware/rtl_bt/*' \
    --dpkgopt=force-confold --essential-hook="'$files/before-packages' \"\$1\""

progress 3 6 "configuring the system"
run() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 SOURCE_DATE_EPOCH="$epoch" "$@"; }
cp -R "$files/root/." "$root/"
find "$root/usr/lib/systemd/system" "$root/usr/lib/sysusers.d" -type f -exec chmod 0644 {} +
find "$root"/etc/systemd/{network,journald.conf.d,resolved.conf.d} "$root/etc/ssh/sshd_config.d" "$root/etc/chrony" -type f -exec chmod 0644 {} +
chmod 0755 "$root"/usr/lib/kindling/* "$root"/usr/bin/kindling{,-install,-settings}
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/resolv.conf" "$root/var/lib/dbus/machine-id" \
    "$root/var/lib/systemd/random-seed" "$root"/etc/apt/sources.list.d/* "$root/etc/apt/sources.list"
ln -s /run/systemd/resolve/resolv.conf "$root/etc/resolv.conf"
: >"$root/etc/machine-id"
: >"$root/etc/fstab"
echo kindling >"$root/etc/hostname"
echo 'LANG=C.UTF-8' >"$root/etc/default/locale"
install -d "$root/etc/kindling" "$root/var/lib/kindling" "$root/var/lib/kindling-data" "$root/var/log/journal" \
    "$root/var/cache/kindling"
run systemd-sysusers
run usermod --lock root
run systemctl enable systemd-networkd.service systemd-resolved.service kindling-data.service kindling-setup.service kindling-autoinstall.service \
    kindling.service kindling-console@tty1.service kindling-console@ttyS0.service chrony.service ssh.service
# The screens are kindling-console's. A machine that waits for a link to be online waits for ever where there is none. Packages
# come with the next ISO.
run systemctl mask getty@tty1.service serial-getty@ttyS0.service systemd-networkd-wait-online.service apt-daily.timer \
    apt-daily-upgrade.timer
run systemctl disable nftables.service lldpd.service 2>/dev/null || true
run systemctl set-default multi-user.target
run update-initramfs -u -k all
release=$(basename "$(echo "$root"/usr/lib/modules/*)")
run lsinitramfs "/boot/initrd.img-$release" >"$WORK/initramfs.txt"
for wanted in scripts/kindling /isofs /squashfs /overlay /sr_mod /virtio_blk /megaraid_sas /usb-storage bin/busybox; do
    if ! grep -q "$wanted" "$WORK/initramfs.txt"; then
        echo "the initramfs lacks $wanted" >&2
        exit 1
    fi
done
cp "$root/boot/vmlinuz-$release" "$OUT/vmlinuz"
cp "$root/boot/initrd.img-$release" "$OUT/initrd"

progress 4 6 "making the loaders of both firmwares"
grub=$root/usr/lib/grub/i386-pc
# Where its own partition or disc is not what it looks for, it looks at all of them.
install -m 0644 "$files/grub-early.cfg" "$root/tmp/early.cfg"
run grub-mkimage --format=i386-pc --prefix=/boot/grub --config=/tmp/early.cfg --output=/tmp/core.img \
    biosdisk iso9660 part_gpt part_msdos search search_fs_file configfile normal linux serial terminal echo test sleep halt
cat "$grub/cdboot.img" "$root/tmp/core.img" >"$OUT/bios.img"
cp "$grub/boot_hybrid.img" "$OUT/hybrid.img"
esp=$WORK/esp
mkdir -p "$esp/EFI/BOOT" "$esp/EFI/debian"
cp "$root/usr/lib/shim/shimx64.efi.signed" "$esp/EFI/BOOT/BOOTX64.EFI"
cp "$root/usr/lib/shim/mmx64.efi.signed" "$esp/EFI/BOOT/mmx64.efi"
cp "$root/usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed" "$esp/EFI/BOOT/grubx64.efi"
# shellcheck disable=SC2016 # GRUB's own variable
{
    cat "$files/grub-early.cfg"
    echo 'configfile ($root)/boot/grub/grub.cfg'
} >"$esp/EFI/debian/grub.cfg"
find "$esp" -exec touch --no-dereference --date="@$epoch" {} +
truncate --size=8M "$root/tmp/esp.img"
mv "$esp" "$root/tmp/esp"
run mkfs.vfat --invariant -i 4b444c47 -n KINDLINGESP /tmp/esp.img
run env MTOOLS_SKIP_CHECK=1 mcopy -s -m -i /tmp/esp.img /tmp/esp/EFI ::
mv "$root/tmp/esp.img" "$OUT/esp.img"

progress 5 6 "packing the system"
run dpkg-query --show --showformat='${Package}\t${Version}\t${Architecture}\t${source:Package}\n' | sort >"$OUT/packages.tsv"
(
    cd "$root"
    rm -rf var/lib/apt/lists/* var/cache/apt/* var/cache/debconf/* var/cache/ldconfig/* var/log/* tmp/* run/* var/tmp/* \
        usr/share/locale/* usr/share/man/* etc/.pwd.lock etc/*- boot/* vmlinuz* initrd.img*
    install -d var/log/journal
)
rm -f "$OUT/system.squashfs"
mksquashfs "$root" "$OUT/system.squashfs" -quiet -no-progress -noappend -comp zstd -Xcompression-level 15 -b 262144 -no-exports

progress 6 6 "computing checksums"
chmod 0644 "$OUT"/*
(cd "$OUT" && sha256sum -- * >"$WORK/sums" && mv "$WORK/sums" SHA256SUMS)
