#!/bin/bash
# train.sh ROOT: runs the appliance once in ROOT, on a network of its own, and leaves in ROOT/tmp/kindling.aot what the JVM learns
# of its start (JEP 514). The cache holds for this runtime, these paths, sizes and dates of the jars, and these options.
set -euo pipefail
root=$1
mkdir -p "$root/tmp/train"
cat >"$root/tmp/train/kindling.yaml" <<'END'
state: /tmp/train/state
images: { cache: /tmp/train/cache }
time: { serve: false }
provisioning: { interface: lo, address: 127.0.0.1/24, pool: 127.0.0.100-127.0.0.199 }
END
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=1777 tmp "$root/run"
# random and urandom, null; nothing of the building machine's devices else.
mount -t tmpfs -o mode=0755 dev "$root/dev"
mknod -m 666 "$root/dev/null" c 1 3
mknod -m 666 "$root/dev/random" c 1 8
mknod -m 666 "$root/dev/urandom" c 1 9
inside=(chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8)
main=io.kindling.appliance.cli.Kindling
# What trains must not look for the cache that it makes.
grep -v AOTCache "$root/usr/lib/kindling/java.options" >"$root/tmp/train/options"
"${inside[@]}" /usr/lib/kindling/java/bin/java @/tmp/train/options -XX:AOTCacheOutput=/tmp/kindling.aot "$main" serve \
    --config /tmp/train/kindling.yaml >"$root/tmp/train/out" 2>&1 &
java=$!
trap 'kill -KILL "$java" 2>/dev/null || true' EXIT
tries=0
until [ -S "$root/tmp/train/state/kindling.sock" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 1800 ] || ! kill -0 "$java" 2>/dev/null; then
        cat "$root/tmp/train/out" >&2
        exit 1
    fi
    sleep 0.1
done
for verb in status "node list" "status --json"; do
    # shellcheck disable=SC2086 # words
    "${inside[@]}" /usr/lib/kindling/java/bin/java @/tmp/train/options "$main" --state /tmp/train/state $verb >/dev/null 2>&1 || true
done
kill -TERM "$java"
wait "$java" || true
if ! [ -s "$root/tmp/kindling.aot" ]; then
    cat "$root/tmp/train/out" >&2
    exit 1
fi
