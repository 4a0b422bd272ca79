#!/bin/bash
# Writes the appliance's ISO: IMAGE, IMAGE.cdx.json (what is in it, CycloneDX) and IMAGE.sha256.
#
#   SYSTEM                     what system.sh left
#   IMAGES                     folders of loaders, bootstrap and node image, as they stand in the appliance's cache
#   MIRROR_CURRENT             what the package mirror publishes
#   JDK                        a JDK 25: its runtime goes in
#   JARS                       the appliance's class path, in its order, one file a line
#   VERSION                    the appliance's
#   AOT                        folder that keeps JVM caches by the hash of what they are of: they are not the same bytes twice
#   IMAGE                      what to write
here=$(dirname "$0")
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
: "${SYSTEM:?}" "${IMAGES:?}" "${MIRROR_CURRENT:?}" "${JDK:?}" "${JARS:?}" "${VERSION:?}" "${AOT:?}" "${IMAGE:?}"
files=$here/iso
epoch=$(cat "$SYSTEM/epoch")
export SOURCE_DATE_EPOCH=$epoch TZ=UTC
layer=$WORK/layer
home=$layer/usr/lib/kindling
mkdir -p "$home/lib"

# Of a file or of a folder's names and contents.
sum() { (cd "$1" && find . -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1); }

progress 1 6 "linking the Java runtime"
modules=java.base,java.compiler,java.desktop,java.instrument,java.logging,java.management,java.naming,java.net.http
modules=$modules,java.rmi,java.scripting,java.security.jgss,java.sql,java.xml,jdk.crypto.ec,jdk.management,jdk.net,jdk.unsupported
modules=$modules,jdk.zipfs
"$JDK/bin/jlink" --add-modules "$modules" --strip-java-debug-attributes --no-header-files --no-man-pages --output "$home/java"
classpath=
while IFS= read -r jar || [ -n "$jar" ]; do
    name=$(basename "$jar")
    [ ! -e "$home/lib/$name" ] || { echo "two jars are called $name" >&2; exit 1; }
    install -m 0644 "$jar" "$home/lib/$name"
    classpath=$classpath${classpath:+:}/usr/lib/kindling/lib/$name
done <"$JARS"
cat >"$home/java.options" <<END
--enable-native-access=ALL-UNNAMED
-Dorg.jboss.logging.provider=slf4j
-Djdk.nio.maxCachedBufferSize=65536
-XX:+UseSerialGC
-Xms32m
-Xmn24m
-Xmx256m
-XX:MinHeapFreeRatio=15
-XX:MaxHeapFreeRatio=30
-XX:-ShrinkHeapInSteps
-XX:+UseCompactObjectHeaders
-XX:TrimNativeHeapInterval=20000
-XX:AOTCache=/usr/lib/kindling/kindling.aot
-cp
$classpath
END
find "$layer" -exec touch --no-dereference --date="@$epoch" {} +

progress 2 6 "learning the appliance's start"
mkdir -p "$AOT"
aot=$AOT/$( (sum "$layer"; cat "$SYSTEM/epoch" "$files/train.sh") | sha256sum | cut -c 1-16).aot
if ! [ -s "$aot" ]; then
    mkdir -p "$WORK"/{lower,upper,overlay,root}
    mount -t squashfs -o ro,loop "$SYSTEM/system.squashfs" "$WORK/lower"
    mount -t overlay -o "lowerdir=$layer:$WORK/lower,upperdir=$WORK/upper,workdir=$WORK/overlay" kindling "$WORK/root"
    unshare --mount --net bash -c 'ip link set lo up && exec bash "$@"' train "$files/train.sh" "$WORK/root"
    cp "$WORK/root/tmp/kindling.aot" "$aot.part"
    mv "$aot.part" "$aot"
    umount "$WORK/root" "$WORK/lower"
fi
install -m 0644 "$aot" "$home/kindling.aot"
touch --date="@$epoch" "$home/kindling.aot" "$home"

progress 3 6 "packing the appliance"
tree=$WORK/tree
cache=$tree/kindling/cache
mkdir -p "$tree/.disk" "$tree/boot/grub" "$cache/mirror"
mksquashfs "$layer" "$tree/kindling/appliance.squashfs" -quiet -no-progress -noappend -comp zstd -Xcompression-level 15 \
    -b 262144 -no-exports -all-root
for file in system.squashfs vmlinuz initrd; do
    ln "$SYSTEM/$file" "$tree/kindling/$file" 2>/dev/null || cp "$SYSTEM/$file" "$tree/kindling/$file"
done

progress 4 6 "collecting images and packages"
for folder in $IMAGES; do
    cp -al "$folder" "$cache/" 2>/dev/null || cp -a "$folder" "$cache/"
done
cp -a "$(readlink -f "$MIRROR_CURRENT")" "$cache/mirror/published"
ln -s published "$cache/mirror/current"
id=$( (sum "$tree"; cat "$SYSTEM/SHA256SUMS" "$files/grub.cfg") | sha256sum | cut -c 1-16 | tr '[:lower:]' '[:upper:]')
medium=KINDLING_$id
sed "s/@MEDIUM@/$medium/" "$files/grub.cfg" >"$tree/boot/grub/grub.cfg"
echo "Kindling $VERSION $medium" >"$tree/.disk/kindling"
# What Debian's signed GRUB looks for.
echo "Kindling $VERSION" >"$tree/.disk/info"
cp "$SYSTEM/bios.img" "$tree/boot/grub/bios.img"

progress 5 6 "writing the ISO"
# Names in order, dates and owners the same whoever builds; the GPT's GUIDs come of the label.
# hybrid: BIOS and UEFI start it as a disc and as a disk; the ESP stands behind the file system.
# The order of files' contents is given: it would be that of their inodes.
(cd "$tree" && find . -type f | LC_ALL=C sort -r | awk '{ print NR, substr($0, 2) }') >"$WORK/order"
uuid=$(printf '%s' "$medium" | sha256sum | sed 's/^\(.\{8\}\)\(.\{4\}\)\(.\{3\}\)\(.\{3\}\)\(.\{12\}\).*/\1-\2-4\3-8\4-\5/')
xorriso -as mkisofs -quiet -r -V "$medium" -o "$OUT/image.iso" \
    --modification-date="$(date --utc --date="@$epoch" +%Y%m%d%H%M%S00)" --set_all_file_dates "=$epoch" \
    --sort-weight-list "$WORK/order" -iso-level 3 -partition_offset 16 --gpt_disk_guid "$uuid" \
    --grub2-mbr "$SYSTEM/hybrid.img" --mbr-force-bootable --protective-msdos-label -partition_cyl_align off \
    -append_partition 2 0xef "$SYSTEM/esp.img" -appended_part_as_gpt -iso_mbr_part_type a2a0d0eb-e5b9-3344-87c0-68b6b72699c7 \
    -c boot.catalog -b boot/grub/bios.img -no-emul-boot -boot-load-size 4 -boot-info-table --grub2-boot-info \
    -eltorito-alt-boot -e --interval:appended_partition_2:all:: -no-emul-boot \
    "$tree"

progress 6 6 "listing what is in it"
name=$(basename "$IMAGE")
digest=$(sha256sum "$OUT/image.iso" | cut -d ' ' -f 1)
sha() { sha256sum "$1" | cut -d ' ' -f 1; }
{
    printf 'file\t%s\t%s\n' "java-runtime" "$(sed -n 's/^JAVA_VERSION="\(.*\)"/\1/p' "$JDK/release")"
    while IFS= read -r jar || [ -n "$jar" ]; do
        printf 'jar\t%s\t%s\n' "$(basename "$jar")" "$(sha "$jar")"
    done <"$JARS"
    sed 's/^/deb\t/' "$SYSTEM/packages.tsv"
    for folder in $IMAGES; do
        find "$folder" -maxdepth 1 -type f | sort | while read -r file; do
            printf 'image\t%s\t%s\n' "$(basename "$folder")/$(basename "$file")" "$(sha "$file")"
        done
    done
    sed -n 's/^Filename: pool\///p; s/^SHA256: //p' "$MIRROR_CURRENT"/dists/*/main/binary-amd64/Packages | paste - - |
        sed 's/^/mirror\t/'
} >"$WORK/parts.tsv"
jq --raw-input --slurp --sort-keys --arg version "$VERSION" --arg name "$name" --arg digest "$digest" --arg suite "$SUITE" \
    --arg at "$(date --utc --date="@$epoch" +%Y-%m-%dT%H:%M:%SZ)" --from-file "$files/cyclonedx.jq" \
    <"$WORK/parts.tsv" >"$OUT/image.cdx.json"
du -sb "$tree"/kindling/{vmlinuz,initrd,system.squashfs,appliance.squashfs} "$cache"/* | sed "s,$tree/,," >"$OUT/sizes.txt"
chmod 0644 "$OUT"/*
mkdir -p "$(dirname "$IMAGE")"
mv "$OUT/image.cdx.json" "$IMAGE.cdx.json"
mv "$OUT/sizes.txt" "$IMAGE.sizes"
printf '%s  %s\n' "$digest" "$name" >"$IMAGE.sha256"
mv "$OUT/image.iso" "$IMAGE"
sync "$IMAGE"
