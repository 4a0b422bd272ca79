#!/bin/sh
# guest-image FILE: makes a small guest out of the packages that nodes have: Debian's cloud kernel and BusyBox, as a raw disk
# that boots by BIOS. On its serial console the guest says what came true: its boot's id, its address, the instance's id by
# the metadata service, what lay on its disk and, every five seconds, what it wrote there and reads back. Installed as
# /usr/local/lib/kindling/guest-image, run as root on the controller.
set -eu
image=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 0755 "$work"
cd "$work"

kernel=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: \(linux-image-.*\)/\1/p')
apt-get -qq -o APT::Sandbox::User=root download "$kernel" busybox-static
for package in *.deb; do dpkg-deb -x "$package" root; done
[ -e root/lib ] || ln -s usr/lib root/lib
release=$(ls root/lib/modules)
depmod -b root "$release"

mkdir -p initrd/bin initrd/dev initrd/proc initrd/sys initrd/modules disk
cp root/usr/bin/busybox initrd/bin/busybox
ln -s busybox initrd/bin/sh
for module in virtio_pci virtio_blk virtio_net virtio_rng; do
  modprobe -d root -S "$release" --show-depends "$module" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
done | awk '!seen[$0]++' | while read -r path; do
  name=$(basename "${path%.xz}")
  case $path in *.xz) xz -dc "$path" ;; *) cat "$path" ;; esac >"initrd/modules/$name"
  echo "$name" >>initrd/modules/order
done

cat >initrd/address <<'END'
#!/bin/sh
[ "$1" = bound ] || exit 0
ip address add "$ip/$mask" dev "$interface"
[ -z "$router" ] || ip route add default via "$router"
set -- $staticroutes
while [ $# -ge 2 ]; do
  case $1 in 0.0.0.0/0) ;; *) ip route add "$1" via "$2" dev "$interface" ;; esac
  shift 2
done
echo "kindling-guest address $ip"
END

# Checksums are the guest's own: through a switch in user space nobody fills them in on the way.
cat >initrd/init <<'END'
#!/bin/sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
exec </dev/ttyS0 >/dev/ttyS0 2>&1
while read -r module; do
  case $module in
    virtio_net.ko) insmod /modules/$module csum=0 gso=0 ;;
    *) insmod /modules/$module ;;
  esac
done </modules/order
say() { echo "kindling-guest $*"; }
there() { echo 3 >/proc/sys/vm/drop_caches; dd if=/dev/vda2 bs=1M count=4 2>/dev/null | sha256sum | cut -c 1-64; }
boot=$(cat /proc/sys/kernel/random/boot_id)
say boot "$boot"
say found "$(there)"
wrote=$(dd if=/dev/urandom bs=1M count=4 2>/dev/null | tee /wrote | sha256sum | cut -c 1-64)
dd if=/wrote of=/dev/vda2 bs=1M conv=fsync 2>/dev/null
rm /wrote
ip link set lo up
if [ -e /sys/class/net/eth0 ]; then
  ip link set eth0 up
  udhcpc -q -n -t 20 -O staticroutes -i eth0 -s /address
  say instance "$(wget -q -T 20 -O - http://169.254.169.254/latest/meta-data/instance-id)"
fi
beat=0
while :; do
  beat=$((beat + 1))
  say beat $beat boot "$boot" wrote "$wrote" reads "$(there)"
  sleep 5
done
END
chmod 0755 initrd/init initrd/address
(cd initrd && find . | cpio --quiet -o -H newc | gzip) >disk/initrd
cp "$(find root/boot -name 'vmlinuz-*')" disk/kernel

# An emulated processor that is kept waiting fails the kernel's trial of its timer.
cat >grub.cfg <<'END'
set root=(hd0,msdos1)
linux /kernel console=ttyS0 panic=10 no_timer_check quiet
initrd /initrd
boot
END
grub-mkimage -O i386-pc -p / -c grub.cfg -o core.img biosdisk part_msdos ext2 linux boot
truncate -s 48M boot.ext2
mke2fs -q -t ext2 -d disk boot.ext2
rm -f "$image"
truncate -s 80M "$image"
printf 'start=1MiB, size=48MiB, type=83, bootable\nstart=50MiB, size=16MiB, type=da\n' | sfdisk -q "$image"
dd if=/usr/lib/grub/i386-pc/boot.img of="$image" bs=1 count=440 conv=notrunc status=none
dd if=core.img of="$image" bs=512 seek=1 conv=notrunc status=none
dd if=boot.ext2 of="$image" bs=1M seek=1 conv=notrunc,sparse status=none
