# Unpacks the node image into the freshly made file systems.
#   URL, SHA256, BYTES  the archive (tar.zst): where, what, how long
#   STAMP               names this image of this attempt
# Needs lib.sh before it.
# shellcheck shell=sh disable=SC2154

WORK=/run/kindling/image

main() {
  activate
  unmount_all "$TARGET"
  mount_target vfat
  if [ "$(cat "$TARGET/etc/kindling/image" 2>/dev/null)" = "$STAMP" ]; then
    echo "the image was unpacked before"
    return
  fi
  unmount_all "$TARGET"
  empty
  rm -rf "$WORK"
  mkdir -p "$WORK"
  echo "unpacking $URL"
  unpack
  mkdir -p "$TARGET/etc/kindling"
  sync # the image is on the disks before anything says so
  printf '%s\n' "$STAMP" >"$TARGET/etc/kindling/image.new"
  mv -f "$TARGET/etc/kindling/image.new" "$TARGET/etc/kindling/image"
  sync
  rm -rf "$WORK"
}

# An interrupted unpacking starts over. Parents are mounted before their children, so each file
# system is emptied while nothing is mounted in it.
empty() {
  while read -r id type place; do
    case $place:$type in swap:* | *:vfat | :*) continue ;; esac
    mount_one "$id" "$type" "$TARGET${place%/}"
    find "$TARGET${place%/}" -xdev -mindepth 1 -maxdepth 1 ! -name lost+found \
      -exec rm -rf {} + || fail INS-023 "what an earlier try left cannot be removed"
  done <<END
$MOUNTS
END
}

unpack() {
  mkfifo "$WORK/sum.in"
  sha256sum <"$WORK/sum.in" >"$WORK/sum" &
  sum=$!
  progress &
  # shellcheck disable=SC2016
  { fetch; echo $? >"$WORK/fetch.rc"; } |
    sh -c 'echo $$ >"$1/tee.pid"; exec tee "$1/sum.in"' tee "$WORK" |
    decompress |
    tar -x -p -f - --xattrs --xattrs-include='*' --acls --numeric-owner --warning=no-timestamp \
      -C "$TARGET"
  tar=$?
  : >"$WORK/unpacked"
  wait "$sum"
  read -r got _ <"$WORK/sum"
  read -r fetch <"$WORK/fetch.rc"
  read -r zstd <"$WORK/zstd.rc"
  [ "$fetch" = 0 ] || fail INS-021 "$(cat "$WORK/fetch.why")"
  [ "$got" = "$SHA256" ] || fail INS-022 "$URL has SHA-256 $got, planned is $SHA256."
  [ "$tar:$zstd" = 0:0 ] || fail INS-023 "tar exit $tar, zstd exit $zstd; its SHA-256 is right"
  echo "KINDLING-PROGRESS $BYTES $BYTES"
}

# Where it fails, or tar behind it does, the rest is read all the same: the checksum tells a damaged
# archive from a failing disk.
decompress() {
  zstd -q -d -c
  zstd=$?
  echo "$zstd" >"$WORK/zstd.rc"
  [ "$zstd" = 0 ] || cat >/dev/null
}

# The archive to standard output. After a break it goes on from where it stood (curl's own --retry
# would begin again in the middle of the stream); gives up after tries that brought nothing.
fetch() {
  offset=0 idle=0
  while :; do
    curl -fsS --connect-timeout 10 --speed-limit 1 --speed-time 60 -C "$offset" \
      -w '%{stderr}\nKINDLING-GOT %{size_download}\n' "$URL" 2>"$WORK/curl.log"
    rc=$?
    got=$(sed -n 's/^KINDLING-GOT //p' "$WORK/curl.log")
    grep -v -e '^KINDLING-GOT ' -e '^$' "$WORK/curl.log" >"$WORK/fetch.why"
    cat "$WORK/fetch.why" >&2
    offset=$((offset + ${got:-0}))
    [ "$rc" = 0 ] && return 0
    case $rc in 22 | 23 | 33) return "$rc" ;; esac # refused; nobody reads; cannot go on
    [ "$BYTES" -gt 0 ] && [ "$offset" -ge "$BYTES" ] && return 0
    if [ "${got:-0}" -gt 0 ]; then idle=0; else idle=$((idle + 1)); fi
    [ "$idle" -lt 20 ] || return "$rc"
    echo "fetching broke after $offset bytes (curl exit $rc), going on" >&2
    sleep 3
  done
}

# Every two seconds how much was fetched: what tee has read, by the kernel's own count.
progress() {
  while [ ! -e "$WORK/unpacked" ]; do
    sleep 2
    read -r pid 2>/dev/null <"$WORK/tee.pid" || continue
    while read -r key value; do
      [ "$key" != rchar: ] || echo "KINDLING-PROGRESS $value $BYTES"
    done 2>/dev/null <"/proc/$pid/io"
  done
}

main "$@" </dev/null
