#!/bin/sh
# Installs the distribution's packages that the virtual rack (`rack`) or the tests (`test`, the default; `full`) need.
set -eu

rack="mmdebstrap debian-archive-keyring zstd cpio xz-utils squashfs-tools jq qemu-system-x86 ovmf ipxe-qemu iproute2 openssh-client curl systemd-container fdisk chrony apt-utils gpg gpg-agent python3"
test="$rack dnsmasq-base isc-dhcp-relay kea-dhcp4-server lvm2 mdadm xfsprogs bcache-tools btrfs-progs e2fsprogs shellcheck gdisk dosfstools tftp-hpa atftp tcpdump strace udhcpc isc-dhcp-client openssh-server xorriso ipmitool openipmi chromium libnss3-tools"
# What the benchmarks measure beside us; counters at a switch, and what reads QR codes.
full="$test kea-admin atftpd nginx wrk nftables zbar-tools openssl"

case ${1:-test} in
  rack) wanted=$rack ;;
  test) wanted=$test ;;
  full) wanted=$full ;;
  *) echo "usage: prerequisites.sh [rack|test|full]" >&2; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "RUN-005: this machine has no apt; install what these Debian packages hold: $wanted" >&2
  exit 1
fi
missing=
for package in $wanted; do
  case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true) in
    installed) ;;
    *) missing="$missing $package" ;;
  esac
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
  echo "RUN-006: run as root, or first: apt-get install$missing" >&2
  exit 1
fi
echo "installing$missing" >&2
# The tests start the servers among these themselves, in namespaces of their own: none is started here.
policy=/usr/sbin/policy-rc.d
if ! [ -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # a list of words
if ! apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1; then
  apt-get update -qq >/dev/null
  # shellcheck disable=SC2086
  apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi
