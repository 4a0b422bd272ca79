# ---- Wipe ------------------------------------------------------------------------------------------

table_guid() { sfdisk --disk-id "$1" 2>/dev/null | tr 'A-F' 'a-f' || :; }

# zero FROM BYTES: writes zeros within the disk in hand.
zero() {
  from=$1 length=$2
  [ "$from" -ge 0 ] || { length=$((length + from)) && from=0; }
  [ $((from + length)) -le "$BYTES" ] || length=$((BYTES - from))
  from=$((from / SECTOR * SECTOR)) length=$((length / SECTOR * SECTOR))
  [ "$length" -gt 0 ] || return 0
  blkdiscard -f -z -o "$from" -l "$length" "$DEV" 2>/dev/null ||
    dd if=/dev/zero of="$DEV" bs="$SECTOR" seek=$((from / SECTOR)) count=$((length / SECTOR)) \
      conv=notrunc,fsync 2>/dev/null ||
    die 11 KSG-121 "disk $ID: zeros cannot be written at $from of $DEV"
}

# clear_range FROM BYTES: what tells that something lies there. Head and tail (tables and their
# backups, LVM, md of every version, ZFS' four labels, bcache, Ceph), and the copies further in: btrfs
# keeps its superblock also at 64 MiB and 256 GiB, BlueStore its label at 1, 10, 100 and 1000 GiB.
clear_range() {
  range_from=$1 range_length=$2
  ends=$((10 * MIB))
  if [ "$range_length" -le $((2 * ends)) ]; then
    zero "$range_from" "$range_length"
    return
  fi
  zero "$range_from" "$ends"
  zero $((range_from + range_length - ends)) "$ends"
  for mib in 64 1024 10240 102400 262144 1024000; do
    at=$((mib * MIB))
    if [ $((at + MIB)) -le "$range_length" ]; then zero $((range_from + at)) "$MIB"; fi
  done
}

# Stops what the kernel has built on what the plan clears of the disk in hand, as far as it can be.
release() {
  roots
  tree "$ROOTS"
  stack=$UPWARDS
  for on in $stack; do
    mounts_of "$on"
    if swap_in_use "$NODE"; then swapoff "$NODE" || :; fi
    while read -r at; do
      if [ -n "$at" ] && in_target "$at"; then umount "$at" || :; fi
    done <<END
$MOUNTED
END
  done
  case $stack in *dm-*) release_groups ;; esac
  for on in $stack; do
    if [ -e "/sys/class/block/$on" ]; then release_one "$on"; fi
  done
  settle
}

release_one() {
  case $1 in
    dm-*)
      value "/sys/class/block/$1/dm/uuid"
      case $VALUE in mpath-*) is_map=yes ;; *) is_map=no ;; esac
      value "/sys/class/block/$1/dm/name"
      [ -n "$VALUE" ] || return 0
      # Where multipath's daemon runs, it must know, or it makes the map again.
      if [ "$is_map" = yes ] && have multipath; then multipath -f "$VALUE" >/dev/null 2>&1 9>&- || :; fi
      if [ -e "/sys/class/block/$1" ]; then
        dmsetup remove --retry "$VALUE" >/dev/null 2>&1 9>&- || :
      fi
      ;;
    md*) mdadm --stop "/dev/$1" >/dev/null 2>&1 9>&- || : ;;
    *)
      # A cache's set, and a device that is cached or waits for its cache.
      for knob in "/sys/class/block/$1/bcache/set/stop" "/sys/class/block/$1/bcache/stop"; do
        if [ -w "$knob" ]; then echo 1 >"$knob" || :; fi
      done
      ;;
  esac
}

release_groups() {
  have vgchange || return 0
  table=$(lvm_run pvs --noheadings --separator '|' -o vg_uuid,pv_name 2>/dev/null) || return 0
  while IFS='|' read -r group device; do
    group=${group##* }
    case $device in /dev/*) ;; *) continue ;; esac
    [ -n "$group" ] || continue
    device=$(readlink -f "$device")
    kernel_name "$device"
    bases "$KERNEL"
    for base in $BASES; do
      case " $ROOTS " in
        *" $base "*) lvm_run vgchange -q -an --select "vg_uuid=$group" >/dev/null 2>&1 || : ;;
      esac
    done
  done <<END
$table
END
}

# standing: sets LEFT to what still stands on what is to be cleared, besides partitions.
standing() {
  roots
  tree "$ROOTS"
  LEFT=''
  for on in $TREE; do
    if [ -d "/sys/class/block/$on/bcache" ]; then LEFT="$LEFT $on(bcache)"; fi
    case " $ROOTS " in *" $on "*) continue ;; esac
    if ! [ -e "/sys/class/block/$on/partition" ]; then LEFT="$LEFT $on"; fi
  done
}

# Nothing is written before nothing is in use any more.
release_all() {
  for pass in 1 2 3 4 5; do
    release
    standing
    [ -n "$LEFT" ] || break
    [ "$pass" = 1 ] || sleep 1
  done
  [ -z "$LEFT" ] || die 11 KSG-120 "disk $ID: still in use by$LEFT"
  for on in $TREE; do
    mounts_of "$on"
    [ -z "$MOUNTED" ] || die 11 KSG-120 "disk $ID: $NODE is mounted at ${MOUNTED%%
*}"
    if swap_in_use "$NODE"; then die 11 KSG-120 "disk $ID: $NODE is swap in use"; fi
  done
}

# Signatures and ends of all old partitions but those to keep; what is in use refuses. All signatures
# go before the first write to the whole disk: udev has the kernel read the table anew after each such
# write, and a partition's node is away for that moment.
erase_partitions() {
  OLD=''
  for entry in "/sys/class/block/$KNAME/$KNAME"*/partition; do
    value "$entry"
    if [ -z "$VALUE" ] || is_kept "$INDEX" "$VALUE"; then continue; fi
    entry=${entry%/partition}
    value "$entry/start"
    old_start=$VALUE
    value "$entry/size"
    OLD="$OLD $old_start:$VALUE"
    node "${entry##*/}"
    if [ -b "$NODE" ]; then
      wipefs -q -a "$NODE" >/dev/null || die 11 KSG-121 "disk $ID: wipefs failed on $NODE"
    fi
  done
  for old in $OLD; do
    clear_range $((${old%:*} * 512)) $((${old#*:} * 512))
  done
}

# The backup table stands where the header says: not at the end of a disk that has grown.
clear_backup_table() {
  if gpt_header 1 && [ "$OTHER" -gt 33 ]; then zero $(((OTHER - 33) * SECTOR)) $((34 * SECTOR)); fi
}

clear_planned() { clear_range $(($2 * MIB)) $(($3 * MIB)); }

wipe() {
  locate "$1"
  if [ -n "$KEEP_TABLE" ]; then
    clear_kept_table "$1"
    return
  fi
  if [ "$(table_guid "$DEV")" = "$GUID" ]; then
    say "step wipe $ID: already wiped by this attempt"
    return 0
  fi
  say "step wipe $ID: $DEV"
  show_partitions "$DEV" # the old partitions, where the kernel reads no tables itself
  settle
  release_all
  # Contents before the table: cut off here, the next run finds the same partitions again.
  erase_partitions
  settle
  standing
  [ -z "$LEFT" ] || die 11 KSG-120 "disk $ID: came back while it was wiped:$LEFT"
  partitions "$1" clear_planned
  clear_backup_table
  wipefs -q -a "$DEV" >/dev/null || die 11 KSG-121 "disk $ID: wipefs failed on $DEV"
  clear_range 0 "$BYTES"
  for one_path in $ALL_PATHS; do
    node "$one_path"
    if [ "$NODE" != "$DEV" ]; then blockdev --flushbufs "$NODE" || :; fi
    partx -d "$NODE" >/dev/null 2>&1 || :
  done
  settle
  for one_path in $ALL_PATHS; do
    for entry in "/sys/class/block/$one_path/$one_path"*/partition; do
      if [ -e "$entry" ]; then die 11 KSG-120 "disk $ID: old partitions stay: ${entry%/partition}"; fi
    done
  done
  # The marker, last: an empty table with this attempt's disk GUID.
  printf 'label: gpt\nlabel-id: %s\n' "$GUID" | table_write always ||
    die 11 KSG-121 "disk $ID: no table can be written to $DEV"
  [ "$(table_guid "$DEV")" = "$GUID" ] || die 11 KSG-121 "disk $ID: $DEV reads back another table"
  say "wiped $ID"
}

# Takes away the empty table too that told that the disk was wiped: nothing is left of it.
blank() {
  locate "$1"
  if [ -n "$KEEP_TABLE" ]; then return; fi
  zero 0 "$MIB"
  zero $((BYTES - MIB)) "$MIB"
  blockdev --flushbufs "$DEV"
  settle
  [ -z "$(table_guid "$DEV")" ] || die 11 KSG-121 "disk $ID: the table stays on $DEV"
  say "blank $ID"
}

# Where the table stays, its id tells nothing. The mark is this attempt's first new entry: all of them
# are written at once, after what lies below them was cleared.
clear_kept_table() {
  table=$(entries | tr 'A-F' 'a-f')
  MADE=no
  partitions "$1" look_for_made
  if [ "$MADE" = yes ]; then
    say "step wipe $ID: already cleared by this attempt"
    return 0
  fi
  say "step wipe $ID: $DEV, keeping partitions$(kept "$1" say_number)"
  show_partitions "$DEV"
  settle
  release_all
  erase_partitions
  settle
  standing
  [ -z "$LEFT" ] || die 11 KSG-120 "disk $ID: came back while it was wiped:$LEFT"
  partitions "$1" clear_planned
  doomed_numbers
  if [ -n "$DOOMED" ]; then
    for number in $DOOMED; do partx -d --nr "$number" "$DEV" >/dev/null 2>&1 || :; done
    # shellcheck disable=SC2086 # numbers
    sfdisk -q --lock=yes --no-reread --no-tell-kernel --delete "$DEV" $DOOMED >/dev/null ||
      die 11 KSG-121 "disk $ID: partitions$DOOMED cannot be removed"
    blockdev --flushbufs "$DEV"
    doomed_numbers
    [ -z "$DOOMED" ] || die 11 KSG-121 "disk $ID: partitions$DOOMED are still there"
  fi
  settle
  say "wiped $ID"
}

look_for_made() {
  case $table in *"uuid=$5,"* | *"uuid=$5") MADE=yes ;; esac
}

say_number() { printf ' %s' "$1"; }
