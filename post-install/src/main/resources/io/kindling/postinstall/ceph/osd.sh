#!/bin/sh
# OSDs by their partitions' GPT ids (PARTUUID). Installed as /usr/local/lib/kindling/osd, run as root.
#
#   osd prepared PARTUUID DB FSID   is it an OSD of that cluster, with that db? (DB: PARTUUID or none)
#   osd prepare  PARTUUID DB FSID [ID]
#                                   makes it one; with the id of one that was destroyed
#   osd running  PARTUUID           does its daemon run?
#   osd up       PARTUUID           does the cluster take it for up?
#   osd start    PARTUUID           starts it; waits for its db; does nothing where it runs
#   osd show     PARTUUID           prints its number and its db's PARTUUID or none
#   osd there    PARTUUID           is that partition on this node?
#   osd list     PARTUUID…          tells whose each is: `KINDLING-PART PARTUUID ID UUID`, `-` for unknown
#   osd retired  PARTUUID ID UUID   has that OSD ended here for good?
#   osd retire   PARTUUID ID UUID   ends it; no boot starts it again
#
# Exit 0 yes or done, 1 no; a failure with a name prints `KINDLING-ERROR id text` and exits 2.
# The db's PARTUUID stands in the OSD's own label (kindling_db), so it outlives the system's disk.

DB_PATIENCE=${KINDLING_DB_PATIENCE:-300} # seconds

RETIRED=/var/lib/kindling/ceph/retired # the PARTUUIDs of OSDs that were replaced

fail() {
  printf 'KINDLING-ERROR %s %s\n' "$1" "$2"
  exit 2
}

# device PARTUUID: its device; also where no udev keeps links (containers).
device() {
  link=/dev/disk/by-partuuid/$1
  if [ -b "$link" ]; then
    readlink -f "$link"
    return
  fi
  for sys in /sys/class/block/*; do
    node=/dev/${sys##*/}
    if [ ! -e "$sys/partition" ] || [ ! -b "$node" ]; then continue; fi
    if [ "$(blkid -p -s PART_ENTRY_UUID -o value "$node" 2>/dev/null)" = "$1" ]; then
      printf '%s\n' "$node"
      return
    fi
  done
}

# label DEVICE: its BlueStore label as JSON; nothing where it has none.
label() {
  ceph-bluestore-tool show-label --dev "$1" 2>/dev/null
}

# value NAME LABEL
value() {
  printf '%s\n' "$2" | sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" | head -n 1
}

need() {
  found=$(device "$1")
  [ -n "$found" ] || fail CEPH-005 "no partition $1 on this node"
  printf '%s\n' "$found"
}

prepared() {
  part=$(need "$1") || { printf '%s\n' "$part"; exit 2; }
  text=$(label "$part")
  if [ -z "$text" ]; then
    echo "$part has no BlueStore label"
    return 1
  fi
  is=$(value ceph_fsid "$text")
  [ -z "$is" ] || [ "$is" = "$3" ] || fail CEPH-007 "$part is an OSD of cluster $is"
  if [ -z "$is" ] || [ -z "$(value whoami "$text")" ] || [ "$(value ready "$text")" != ready ]; then
    echo "$part holds an OSD that was not finished"
    return 1
  fi
  db=$(value kindling_db "$text")
  if [ "${db:-unknown}" != "$2" ]; then
    echo "$part names db ${db:-unknown}, planned is $2"
    return 1
  fi
}

# Takes every trace of BlueStore off a partition: its label copies lie at 0, 1, 10, 100, 1000 GiB.
clean() {
  wipefs -q -a "$1"
  dd if=/dev/zero of="$1" bs=1M count=10 conv=fsync status=none || return
  bytes=$(blockdev --getsize64 "$1")
  for gib in 1 10 100 1000; do
    [ "$bytes" -gt $((gib * 1073741824 + 4096)) ] || continue
    dd if=/dev/zero of="$1" bs=4096 seek=$((gib * 262144)) count=1 conv=fsync status=none || return
  done
}

prepare() {
  given=${4:-}
  part=$(need "$1") || { printf '%s\n' "$part"; exit 2; }
  dbpart=
  if [ "$2" != none ]; then
    dbpart=$(need "$2") || { printf '%s\n' "$dbpart"; exit 2; }
  fi
  text=$(label "$part")
  is=$(value ceph_fsid "$text")
  [ -z "$is" ] || [ "$is" = "$3" ] || fail CEPH-007 "$part is an OSD of cluster $is"
  if [ -n "$is" ] && [ "$(value ready "$text")" = ready ]; then
    # Finished but for the note of its db: only if that db is really its own.
    if [ -n "$dbpart" ] &&
      [ "$(value osd_uuid "$(label "$dbpart")")" != "$(value osd_uuid "$text")" ]; then
      fail CEPH-006 "$dbpart is not the db of OSD $(value whoami "$text") on $part"
    fi
    note "$part" "$2"
    return
  fi
  # A partition of this attempt without a finished OSD: what is on it, a broken-off run left.
  old=$(value osd_uuid "$text")
  clean "$part" || fail CEPH-008 "$part cannot be written"
  if [ -n "$dbpart" ]; then clean "$dbpart" || fail CEPH-008 "$dbpart cannot be written"; fi
  forget "$(value whoami "$text")"
  # A preparation that was broken off before it wrote a label; one that ever ran is not purged by this.
  forget "$given"
  set -- "$1" "$2" "$3" "$old"
  log=$(mktemp)
  if ! ceph-volume raw prepare --bluestore --data "$part" ${dbpart:+--block.db "$dbpart"} \
    ${given:+--osd-id "$given"} >"$log" 2>&1 </dev/null; then
    cat "$log"
    id=$(sed -n 's/.*ceph-osd .* -i \([0-9]*\) .*/\1/p' "$log" | head -n 1)
    rm -f "$log"
    clean "$part"
    if [ -n "$dbpart" ]; then clean "$dbpart"; fi
    forget "$id"
    fail CEPH-008 "ceph-volume could not make an OSD of $part"
  fi
  grep -i -E 'prepare successful|already' "$log"
  rm -f "$log"
  text=$(label "$part")
  if [ "$(value ceph_fsid "$text")" != "$3" ] || [ -z "$(value osd_uuid "$text")" ] ||
    [ "$(value osd_uuid "$text")" = "$4" ]; then
    fail CEPH-008 "$part got no label of this cluster"
  fi
  if [ -n "$given" ] && [ "$(value whoami "$text")" != "$given" ]; then
    fail CEPH-008 "$part became OSD $(value whoami "$text"), not $given"
  fi
  note "$part" "$2"
}

# Notes the db in the OSD's label.
note() {
  ceph-bluestore-tool set-label-key --dev "$1" -k kindling_db -v "$2" ||
    fail CEPH-008 "the label of $1 cannot be written"
}

# An id that a broken-off prepare took; an OSD that ever ran is not purged by this.
forget() {
  [ -n "$1" ] || return 0
  mountpoint -q "/var/lib/ceph/osd/ceph-$1" && umount "/var/lib/ceph/osd/ceph-$1"
  timeout 60 ceph --connect-timeout 15 --name client.bootstrap-osd \
    --keyring /var/lib/ceph/bootstrap-osd/ceph.keyring \
    osd purge-new "osd.$1" --yes-i-really-mean-it
}

running() {
  part=$(need "$1") || { printf '%s\n' "$part"; exit 2; }
  id=$(value whoami "$(label "$part")")
  if [ -z "$id" ]; then
    echo "$part is no OSD"
    return 1
  fi
  state=$(systemctl is-active "ceph-osd@$id.service")
  if [ "$state" != active ]; then
    echo "ceph-osd@$id is $state"
    return 1
  fi
}

up() {
  running "$1" || return
  state=$(value state "$(timeout 30 ceph --admin-daemon "/var/run/ceph/ceph-osd.$id.asok" status)")
  if [ "$state" != active ]; then
    echo "OSD $id is ${state:-silent}"
    return 1
  fi
}

there() {
  if [ -z "$(device "$1")" ]; then
    echo "no partition $1"
    return 1
  fi
}

list() {
  for wanted; do
    text=
    found=$(device "$wanted")
    [ -z "$found" ] || text=$(label "$found")
    id=$(value whoami "$text")
    uuid=$(value osd_uuid "$text")
    echo "KINDLING-PART $wanted ${id:--} ${uuid:--}"
  done
}

# ours ID UUID: is the OSD of that id that is activated here the one with that uuid?
ours() {
  [ "$(cat "/var/lib/ceph/osd/ceph-$1/fsid" 2>/dev/null)" = "$2" ]
}

retired() {
  if ours "$2" "$3"; then
    echo "OSD $2 is activated"
    return 1
  fi
  grep -qxF "$1" "$RETIRED" 2>/dev/null || {
    echo "a boot would start it again"
    return 1
  }
}

retire() {
  mkdir -p "${RETIRED%/*}" && echo "$1" >>"$RETIRED" || return
  ours "$2" "$3" || return 0
  systemctl stop "ceph-osd@$2.service" || return
  umount -l "/var/lib/ceph/osd/ceph-$2"
}

start() {
  if grep -qxF "$1" "$RETIRED" 2>/dev/null; then
    echo "$1 is of an OSD that was replaced"
    return 0
  fi
  part=$(need "$1") || { printf '%s\n' "$part"; exit 2; }
  text=$(label "$part")
  id=$(value whoami "$text")
  if [ -z "$id" ]; then
    echo "$part is no OSD (yet)"
    return 0
  fi
  if [ "$(systemctl is-active "ceph-osd@$id.service")" = active ]; then
    echo "OSD $id runs"
    return 0
  fi
  db=$(value kindling_db "$text")
  dbpart=
  if [ -z "$db" ]; then
    echo "OSD $id is being prepared" # its label does not name its db yet
    return 0
  elif [ "$db" != none ]; then
    end=$(($(cut -d . -f 1 /proc/uptime) + DB_PATIENCE))
    until dbpart=$(device "$db") && [ -n "$dbpart" ]; do
      [ "$(cut -d . -f 1 /proc/uptime)" -lt "$end" ] ||
        fail CEPH-006 "OSD $id on $part: its db $db did not appear within $DB_PATIENCE s"
      sleep 1
    done
    if [ "$(value osd_uuid "$(label "$dbpart")")" != "$(value osd_uuid "$text")" ]; then
      fail CEPH-006 "OSD $id on $part: $dbpart ($db) is not its db"
    fi
  fi
  # OSDs run as ceph and open the partitions themselves; udev's rule does the same.
  chown ceph:ceph "$part" ${dbpart:+"$dbpart"}
  ceph-volume raw activate --device "$part" ${dbpart:+--block.db "$dbpart"} --no-systemd </dev/null ||
    fail CEPH-009 "OSD $id on $part could not be activated"
  systemctl reset-failed "ceph-osd@$id.service" 2>/dev/null
  systemctl start "ceph-osd@$id.service" || fail CEPH-009 "OSD $id on $part does not start"
}

show() {
  part=$(need "$1") || { printf '%s\n' "$part"; exit 2; }
  text=$(label "$part")
  id=$(value whoami "$text")
  if [ -z "$id" ]; then
    echo "$part is no OSD"
    return 1
  fi
  db=$(value kindling_db "$text")
  printf '%s %s\n' "$id" "${db:-unknown}"
}

case ${1:-} in
  list)
    shift
    list "$@"
    ;;
  prepared | prepare | running | up | start | show | there | retired | retire)
    verb=$1
    shift
    # One at a time for each partition: udev starts the unit at every write's end.
    mkdir -p /run/kindling && exec 9>"/run/kindling/osd-$1.lock" && flock 9 || exit 75
    "$verb" "$@"
    ;;
  *)
    echo "usage: osd prepared|prepare|running|up|start|show|there|list|retired|retire PARTUUID …" >&2
    exit 64
    ;;
esac
