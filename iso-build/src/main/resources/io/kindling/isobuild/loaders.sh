#!/bin/bash
# Takes the network boot loaders out of Debian's packages: shim and GRUB for UEFI of x64 and ARM64, iPXE.
here=$(dirname "$0")
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"

progress 1 2 "fetching shim, GRUB and iPXE"
# Only these files are needed, not what their packages depend on: so download, don't install.
# shellcheck disable=SC2016 # the hook's own shell expands these
bootstrap_debian custom "$WORK/root" --architectures=arm64 \
    --customize-hook='cd "$1" && APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get download shim-signed grub-efi-amd64-signed ipxe shim-signed:arm64 grub-efi-arm64-signed:arm64'

progress 2 2 "unpacking the loaders"
mkdir "$WORK/loaders"
for deb in "$WORK"/root/*.deb; do
    dpkg-deb -x "$deb" "$WORK/loaders"
    basename "$deb" >>"$OUT/packages.txt"
done
cp "$WORK/loaders/usr/lib/shim/shimx64.efi.signed" "$OUT/shimx64.efi"
cp "$WORK/loaders/usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed" "$OUT/grubx64.efi"
cp "$WORK/loaders/usr/lib/shim/shimaa64.efi.signed" "$OUT/shimaa64.efi"
cp "$WORK/loaders/usr/lib/grub/arm64-efi-signed/grubnetaa64.efi.signed" "$OUT/grubaa64.efi"
cp "$WORK/loaders/usr/lib/ipxe/undionly.kpxe" "$WORK/loaders/usr/lib/ipxe/ipxe.efi" "$OUT/"
chmod 0644 "$OUT"/*
