# ---- Tables that stay ------------------------------------------------------------------------------

# A table that stays is only ever changed by taking entries out and adding others: sfdisk leaves the
# rest of it as it is. What the check has read of the entries to keep must read back the same at the end.

# entries: what is in the table of the disk in hand, `NUMBER : start=...`, as sfdisk writes it.
entries() {
  sfdisk --dump "$DEV" 2>/dev/null |
    sed -n -e '/start=/!d' -e 's/^[^ ]*[^0-9 ]\([0-9][0-9]*\) : /\1 : /p'
}

# kept_entries: of these the ones to keep.
kept_entries() {
  entries | while read -r line; do
    if is_kept "$INDEX" "${line%% *}"; then printf '%s\n' "$line"; fi
  done
}

# doomed_numbers: sets DOOMED to the numbers of all others.
doomed_numbers() {
  DOOMED=''
  while read -r number _; do
    if [ -n "$number" ] && ! is_kept "$INDEX" "$number"; then DOOMED="$DOOMED $number"; fi
  done <<END
$(entries)
END
}

# table_header KEY: sets VALUE to a line of the dump's head, `first-lba` for instance.
table_header() {
  VALUE=$(sfdisk --dump "$DEV" 2>/dev/null | sed -n "s/^$1: *//p")
}

check_table() {
  table_header label
  if [ "$VALUE" != gpt ]; then
    refuse KSG-112 "has no GPT that could be kept (found ${VALUE:-none})"
    return
  fi
  if [ "$(table_guid "$DEV")" != "$GUID" ]; then
    refuse KSG-112 "expected the table $GUID, found $(table_guid "$DEV")"
    return
  fi
  TABLE=$(entries)
  kept "$INDEX" check_kept
  table_header first-lba
  FIRST_SECTOR=$VALUE
  table_header last-lba
  LAST_SECTOR=$VALUE
  table_header table-length
  MOST=${VALUE:-128}
  partitions "$INDEX" check_room
  sums=''
  kept "$INDEX" add_sum
  eval "TABLE_$INDEX=\$(kept_entries) SUMS_$INDEX=\$sums"
}

# check_kept NUMBER START-BYTE BYTES TYPE PARTUUID LABEL
check_kept() {
  found_entry=''
  while read -r line; do
    if [ "${line%% *}" = "$1" ]; then found_entry=$line; fi
  done <<END
$TABLE
END
  plain_entry "$found_entry"
  case "$ENTRY," in
    "$1:start=$(($2 / SECTOR)),size=$(($3 / SECTOR)),type=$4,uuid=$5,"*) ;;
    *)
      refuse KSG-112 "partition $1 is to be kept at sector $(($2 / SECTOR)), $(($3 / SECTOR)) long, \
with id $5; found ${found_entry:-none}"
      return
      ;;
  esac
  partition_node "$1"
  kernel_name "$NODE"
  mounts_of "$KERNEL"
  while read -r at; do
    if [ -n "$at" ] && ! in_target "$at"; then refuse KSG-107 "$NODE, to be kept, is mounted at $at"; fi
  done <<END
$MOUNTED
END
}

# plain_entry LINE: sets ENTRY: without blanks, in lower case.
plain_entry() { ENTRY=$(printf '%s' "$1" | tr -d ' ' | tr 'A-F' 'a-f'); }

# check_room NUMBER START-MIB SIZE-MIB ...: a new partition lies within the table and on no kept one.
check_room() {
  from=$(($2 * MIB)) to=$((($2 + $3) * MIB))
  if [ $((from / SECTOR)) -lt "$FIRST_SECTOR" ] || [ $((to / SECTOR - 1)) -gt "$LAST_SECTOR" ] ||
    [ "$1" -gt "$MOST" ]; then
    refuse KSG-113 "partition $1 ($2 MiB, $3 long) is outside the table that stays \
(sectors $FIRST_SECTOR to $LAST_SECTOR, $MOST partitions)"
  fi
  NEW_NUMBER=$1
  kept "$INDEX" check_apart
}

check_apart() {
  if [ "$1" = "$NEW_NUMBER" ] || { [ "$2" -lt "$to" ] && [ $(($2 + $3)) -gt "$from" ]; }; then
    refuse KSG-113 "partition $NEW_NUMBER would lie on partition $1, which is to be kept"
  fi
}

# add_sum NUMBER START-BYTE BYTES ...: head and tail of a kept partition, while nothing is built on it.
add_sum() {
  partition_node "$1"
  kernel_name "$NODE"
  for on in "/sys/class/block/$KERNEL/holders/"*; do
    if [ -e "$on" ]; then return 0; fi
  done
  mounts_of "$KERNEL"
  [ -z "$MOUNTED" ] || return 0
  length=$MIB
  [ "$3" -gt "$length" ] || length=$3
  sums="$sums $1:$(sum_of "$2" "$length"):$(sum_of $(($2 + $3 - length)) "$length")"
}

# The entries to keep, and the ends of what they hold, are what they were.
verify_kept() {
  for disk_index in $DISKS; do
    locate "$disk_index"
    [ -n "$KEEP_TABLE" ] || continue
    was='' sums_were=''
    eval "was=\$TABLE_$disk_index sums_were=\$SUMS_$disk_index"
    now=$(kept_entries)
    [ "$now" = "$was" ] ||
      die 12 KSG-133 "disk $ID: to be kept was $(printf '%s' "$was" | tr '\n' ';'), is now $(printf '%s' "$now" | tr '\n' ';')"
    [ "$(table_guid "$DEV")" = "$GUID" ] || die 12 KSG-133 "disk $ID: the table's id has changed"
    sums=''
    kept "$disk_index" add_sum
    [ "$sums" = "$sums_were" ] ||
      die 12 KSG-133 "disk $ID: the ends of what is to be kept were$sums_were, are now$sums"
    say "step kept $ID: unchanged"
  done
}
