#!/bin/bash
# Builds the bootstrap image: vmlinuz and initrd, in OUT.
# The initrd is three parts one after another, none of them compressed as a whole:
#   microcode, where the kernel looks for it before anything else;
#   a busybox and three modules, which mount
#   root.squashfs, the whole system, under a writable overlay.
# So the kernel only copies the image (no unpacking of hundreds of MiB on one slow CPU), and a file is decompressed when
# it is used.
# AGENT: the agent's script.
here=$(dirname "$0")
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
: "${AGENT:?}"
files=$here/bootstrap
root=$WORK/root

# The firmware a server's own devices ask for; the folders of modules whose firmware is kept.
firmware_users='kernel/drivers/(net/(ethernet|phy|usb|mdio|fddi|hippi)|infiniband|scsi|ata|nvme|block|message|md|target)/|kernel/net/'

# Modules that would take over the console or announce themselves, and cannot work without firmware left out here.
no_autoload=(amdgpu radeon nouveau i915 xe gma500_gfx snd_hda_intel snd_soc_avs snd_sof_pci_intel_tgl
snd_sof_pci_intel_cnl iwlwifi ath9k ath10k_pci ath11k_pci ath12k brcmfmac rtw88_pci rtw89_pci mt7921e btusb pcspkr
floppy)

fetch() {
    bootstrap_debian extract "$root" --include="$(packages "$files/packages.list" | tr ' ' ',')"
}

# Debian's maintainer scripts have not run: do what is needed of them.
configure() {
    local chroot=(chroot "$root")

    cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
    cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
    # No password opens anything: '*' is no password, and sshd takes keys only.
    awk -F: '{ print $1 ":*:20000:0:99999:7:::" }' "$root/etc/passwd" >"$root/etc/shadow"
    chmod 0640 "$root/etc/shadow"
    sed -i -e 's,^\(root:\)[^:]*:\(.*\),\1x:\2,' "$root/etc/passwd"
    : >"$root/etc/gshadow"
    chmod 0640 "$root/etc/gshadow"
    cp "$files/sysusers.conf" "$root/usr/lib/sysusers.d/kindling.conf"
    "${chroot[@]}" systemd-sysusers

    # busybox fills in for every command no package brought.
    local applet
    for applet in $("${chroot[@]}" /usr/bin/busybox --list); do
        if ! [ -e "$root/usr/bin/$applet" ] && ! [ -L "$root/usr/bin/$applet" ] && ! [ -e "$root/usr/sbin/$applet" ] &&
            ! [ -L "$root/usr/sbin/$applet" ]; then
            ln -s busybox "$root/usr/bin/$applet"
        fi
    done
    ln -sf ../bin/busybox "$root/usr/sbin/init"
    ln -sf dash "$root/usr/bin/sh"
    [ -e "$root/usr/bin/awk" ] || ln -sf mawk "$root/usr/bin/awk"

    install -d "$root/usr/lib/kindling" "$root/etc/kindling" "$root/etc/ssh" "$root/run" "$root/var/log/kindling" \
        "$root/var/lib/lldpd" "$root/var/lib/dhcp"
    install -d -m 0700 "$root/root" "$root/root/.ssh"
    install -m 0755 "$files"/rc.* "$files"/run-* "$files/udhcpc.sh" "$root/usr/lib/kindling/"
    install -m 0644 "$files/functions.sh" "$root/usr/lib/kindling/"
    install -m 0755 "$AGENT" "$root/usr/lib/kindling/kindling-agent.sh"
    install -m 0644 "$files/inittab" "$root/etc/inittab"
    install -m 0644 "$files/sshd_config" "$root/etc/ssh/sshd_config"
    # Old arrays and volume groups on the disks are evidence, not something to start.
    rm -f "$root/usr/lib/udev/rules.d/64-md-raid-assembly.rules" "$root"/usr/lib/udev/rules.d/69-*lvm*.rules
    # Rules for desktops: every event runs through every rule.
    (cd "$root/usr/lib/udev/rules.d" && rm -f ./*seat* ./*uaccess* ./*sound* ./*alsa* ./*v4l* ./*camera* ./*joystick* \
        ./*mouse* ./*touchpad* ./*hidraw* ./*sensor* ./*evdev* ./*fido* ./*persistent-input* ./60-input-id.rules \
        ./60-drm.rules ./60-autosuspend.rules ./*net-dhcp* ./*iocost* ./*mtd* ./70-memory.rules)
    install -d "$root/etc/mdadm" "$root/etc/lvm"
    echo 'AUTO -all' >"$root/etc/mdadm/mdadm.conf"
    ln -sf /proc/self/mounts "$root/etc/mtab"
    echo 'kindling-bootstrap' >"$root/etc/hostname"
    printf '127.0.0.1 localhost\n::1 localhost\n' >"$root/etc/hosts"
    printf '/bin/sh\n/bin/bash\n' >"$root/etc/shells"
    : >"$root/etc/fstab"
    rm -f "$root/etc/resolv.conf" "$root/etc/machine-id"
    install -d "$root/etc/modprobe.d"
    printf 'blacklist %s\n' "${no_autoload[@]}" >"$root/etc/modprobe.d/kindling.conf"
}

kernel() {
    release=$(basename "$(echo "$root"/usr/lib/modules/*)")
    modules=$root/usr/lib/modules/$release
    cp "$root/boot/vmlinuz-$release" "$OUT/vmlinuz"
    chmod 0644 "$OUT/vmlinuz"
    chroot "$root" depmod "$release"
    echo "$release" >"$OUT/kernel-release"
}

# Keeps the firmware that modules of firmware_users name (and what the links among it point to), drops the rest.
firmware() {
    local wanted=$WORK/firmware.wanted all=$root/usr/lib/firmware kept=$WORK/firmware
    (cd "$modules" && find kernel -name '*.ko*') | grep -E "$firmware_users" |
        sed "s,^,/usr/lib/modules/$release/," >"$WORK/firmware.modules"
    chroot "$root" xargs modinfo -F firmware <"$WORK/firmware.modules" | sort -u >"$wanted"
    # netronome asks by board name for links into nic/; the names are not in the module.
    if [ -d "$all/netronome" ]; then
        (cd "$all" && find netronome -maxdepth 1 -name '*.nffw' -o -path 'netronome/nic/*') >>"$wanted"
    fi
    mkdir "$kept"
    local pattern path target
    while IFS= read -r pattern; do
        (cd "$all" && { compgen -G "$pattern" || true; })
    done <"$wanted" | sort -u | while IFS= read -r path; do
        while [ -e "$all/$path" ]; do
            [ -d "$all/$path" ] && break
            mkdir -p "$kept/$(dirname "$path")"
            cp -an "$all/$path" "$kept/$path"
            [ -L "$all/$path" ] || break
            target=$(realpath -s --relative-to="$all" "$all/$(dirname "$path")/$(readlink "$all/$path")")
            [ "$target" != "$path" ] || break
            path=$target
        done
    done
    # The early microcode part; the kernel takes it before there is a file system.
    early=$WORK/early
    mkdir -p "$early/kernel/x86/microcode"
    cat "$all"/intel-ucode/* >"$early/kernel/x86/microcode/GenuineIntel.bin"
    cat "$all"/amd-ucode/microcode_amd*.bin >"$early/kernel/x86/microcode/AuthenticAMD.bin"
    rm -rf "$all"
    mv "$kept" "$all"
}

# What probing networks needs of Python: the interpreter, what modules of its minimal package lie in, and the folder that it
# looks for to know where it is.
python() {
    (cd "$root" && find usr/bin -name 'python3*' && find usr/lib/python3.* -maxdepth 1 -name '*.py' -type f &&
        find usr/lib/python3.*/{collections,encodings,importlib,json,re} -name '*.py' &&
        find usr/lib/python3.* -maxdepth 1 -name lib-dynload)
}

strip_root() {
    python >"$WORK/python.kept"
    tar -C "$root" --no-recursion -cf "$WORK/python.tar" -T "$WORK/python.kept"
    (
        cd "$root"
        rm -rf boot var/lib/dpkg var/lib/apt var/cache usr/share/doc usr/share/man usr/share/info usr/share/locale \
            usr/share/i18n usr/share/perl* usr/share/python3* usr/lib/python3* usr/share/bash-completion \
            usr/share/zsh usr/share/fish usr/share/debconf usr/share/lintian usr/share/bug usr/share/common-licenses \
            usr/share/initramfs-tools etc/initramfs-tools usr/share/icons usr/share/pixmaps usr/share/applications \
            usr/share/metainfo usr/share/zoneinfo usr/share/gcc usr/share/gdb usr/share/snmp usr/share/mime \
            usr/lib/systemd/system usr/lib/systemd/user usr/lib/systemd/catalog usr/lib/modules-load.d \
            usr/lib/x86_64-linux-gnu/perl* usr/lib/udev/hwdb.d \
            usr/lib/klibc* usr/lib/dracut usr/lib/initramfs-tools etc/init.d etc/rc*.d etc/cron* etc/kernel \
            usr/share/dbus-1 usr/share/polkit-1 usr/share/X11 etc/perl
        # mkfs.vfat wants code page 850; the other character sets go.
        find usr/lib/x86_64-linux-gnu/gconv -name '*.so' ! -name 'IBM850.so' -delete
        # Interpreters, and the one tool that needs a 40 MB Unicode library.
        find usr/bin usr/sbin -type f \( -name 'python3*' -o -name 'perl*' -o -name 'systemctl' -o -name 'xfs_scrub*' \) \
            -delete
        rm -f usr/lib/x86_64-linux-gnu/libicu* usr/lib/x86_64-linux-gnu/libperl* usr/lib/x86_64-linux-gnu/libpython*
        find . -xdev -name '*.pyc' -delete
        tar -xf "$WORK/python.tar"
        rm -rf dev/* proc/* sys/* run/* tmp/*
    )
    ldconfig -r "$root"
    (cd "$root" && du -sm --apparent-size . && du -m --apparent-size -d 3 . | sort -rn | head -40)
}

# The first stage: enough to mount the root.
first_stage() {
    stage=$WORK/stage
    mkdir -p "$stage"/{bin,dev,proc,sys,lib/modules,ro,rw,newroot,etc/kindling}
    cp "$root/usr/bin/busybox" "$stage/bin/busybox"
    ln -s busybox "$stage/bin/sh"
    install -m 0755 "$files/init" "$stage/init"
    local name file
    for name in loop squashfs overlay; do
        file=$(find "$modules/kernel" -name "$name.ko*")
        case $file in
            *.xz) xz -dc "$file" >"$stage/lib/modules/$name.ko" ;;
            *.zst) zstd -qdc "$file" >"$stage/lib/modules/$name.ko" ;;
            *.ko) cp "$file" "$stage/lib/modules/$name.ko" ;;
            *) echo "no module $name in $release" && return 1 ;;
        esac
    done
    mknod -m 0600 "$stage/dev/console" c 5 1
}

archive() {
    (cd "$1" && find . -print0 | LC_ALL=C sort -z | cpio --quiet --null --create --format=newc --owner=0:0 --reproducible)
}

progress 1 6 "fetching Debian packages"
fetch
progress 2 6 "configuring the system"
configure
progress 3 6 "choosing kernel modules and firmware"
kernel
firmware
first_stage
progress 4 6 "removing what a bootstrap never needs"
strip_root
unpacked=$(du -sb "$root" | cut -f1)
progress 5 6 "packing the system"
mksquashfs "$root" "$stage/root.squashfs" -quiet -no-progress -noappend -comp zstd -Xcompression-level 12 -b 262144 \
    -all-root -no-exports
progress 6 6 "writing the initrd"
{
    archive "$early"
    archive "$stage"
} >"$OUT/initrd"
echo "$unpacked" >"$OUT/unpacked-bytes"
limit=$((400 * 1024 * 1024))
if [ "$unpacked" -gt "$limit" ]; then
    echo "the bootstrap system is $unpacked bytes unpacked, more than $limit" >&2
    exit 1
fi
