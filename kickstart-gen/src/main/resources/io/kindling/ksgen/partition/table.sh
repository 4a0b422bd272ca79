# ---- Partitions ------------------------------------------------------------------------------------

# table_write WIPE [OPTION]: standard input is sfdisk's script.
table_write() {
  wipe_signatures=$1
  shift
  sfdisk -q --lock=yes --no-reread --no-tell-kernel --wipe "$wipe_signatures" \
    --wipe-partitions "$wipe_signatures" "$@" "$DEV" >/dev/null &&
    blockdev --flushbufs "$DEV"
}

# Both copies of a table that stays, from the one that is whole: to set its id to what it is writes all.
rewrite_table() {
  sfdisk -q --lock=yes --no-reread --no-tell-kernel --disk-id "$DEV" "$GUID" >/dev/null && blockdev --flushbufs "$DEV"
}

sfdisk_line() {
  printf 'start=%s, size=%s, type=%s, uuid=%s, name="%s"\n' \
    $(($2 * MIB / SECTOR)) $(($3 * MIB / SECTOR)) "$4" "$5" "$6"
}

sfdisk_entry() {
  printf '%s : ' "$1"
  sfdisk_line "$@"
}

sfdisk_script() {
  printf 'label: gpt\nlabel-id: %s\nunit: sectors\n' "$GUID"
  partitions "$1" sfdisk_entry
}

expected_line() {
  printf '%s start=%s size=%s type=%s uuid=%s name=%s\n' \
    "$1" $(($2 * MIB / SECTOR)) $(($3 * MIB / SECTOR)) "$4" "$5" "$6"
}

# The table on the disk, as expected_line writes it. Names and ids are lower case in the plan.
found_lines() {
  sfdisk --dump "$DEV" 2>/dev/null |
    sed -n -e '/start=/!d' -e 's/^[^ ]*[^0-9 ]\([0-9][0-9]*\) : /\1 /' -e 's/[",]//g' \
      -e 's/= */=/g' -e 's/  */ /g' -e 's/ $//' -e 'y/ABCDEF/abcdef/' -e p
}

# gpt_header SECTOR-NUMBER: reads a GPT's header there (UEFI 2.10, 5.3.2); false where none is. Sets
# OTHER (where its other copy stands), ENTRIES_AT, ENTRIES_LONG (in sectors), ENTRIES_CRC.
gpt_header() {
  header=$(dd if="$DEV" bs="$SECTOR" skip="$1" count=1 2>/dev/null | od -An -v -tx8 -N96 | tr '\n' ' ')
  # shellcheck disable=SC2086 # to be split
  set -- $header
  [ "${1:-}" = 5452415020494645 ] || return 1 # `EFI PART`
  OTHER=$((0x$5)) ENTRIES_AT=$((0x${10}))
  ENTRIES_LONG=$((0x${11#????????} * 0x${11%????????} / SECTOR))
  ENTRIES_CRC=${12#????????}
  [ "$OTHER" -ge 1 ] || return 1
  [ "$OTHER" -lt $((BYTES / SECTOR)) ]
}

# table_whole: GPT stands twice; after a crash only one copy may be new.
table_whole() {
  gpt_header 1 || return 1
  first=$ENTRIES_CRC:$(sum_of $((ENTRIES_AT * SECTOR)) $((ENTRIES_LONG * SECTOR)))
  gpt_header "$OTHER" || return 1
  last=$ENTRIES_CRC:$(sum_of $((ENTRIES_AT * SECTOR)) $((ENTRIES_LONG * SECTOR)))
  [ "$first" = "$last" ]
}

# sum_of FROM BYTES: a checksum of the disk in hand.
sum_of() {
  dd if="$DEV" bs="$SECTOR" skip=$(($1 / SECTOR)) count=$(($2 / SECTOR)) 2>/dev/null |
    md5sum | tr ' ' '.'
}

# read_table: sets FOUND and WHOLE (both copies agree).
read_table() {
  FOUND=$(found_lines)
  WHOLE=no
  if table_whole; then WHOLE=yes; fi
}

# planned_lines: of what is found, what is not to be kept.
planned_lines() {
  printf '%s\n' "$FOUND" | while read -r line; do
    if [ -n "$line" ] && ! is_kept "$INDEX" "${line%% *}"; then printf '%s\n' "$line"; fi
  done
}

partition_disk() {
  locate "$1"
  want=$(partitions "$1" expected_line | sort -n)
  [ "$(table_guid "$DEV")" = "$GUID" ] ||
    die 12 KSG-130 "disk $ID: $DEV has not this attempt's table (another program wrote to it)"
  read_table
  found=$(planned_lines)
  if [ "$found" = "$want" ] && [ "$WHOLE" = yes ]; then
    say "step partitions $ID: already as planned"
  else
    if [ "$found" = "$want" ]; then
      say "step partitions $ID: completing the table"
      write_table "$1" complete
    elif [ -n "$found" ]; then
      die 12 KSG-130 "disk $ID: expected the planned table, found $(printf '%s' "$found" | tr '\n' ';')"
    else
      say "step partitions $ID: $DEV"
      write_table "$1" new
    fi || die 12 KSG-131 "disk $ID: sfdisk failed on $DEV"
    read_table
    if [ "$(planned_lines)" != "$want" ] || [ "$WHOLE" = no ]; then
      die 12 KSG-131 "disk $ID: the table reads back as $(printf '%s' "$FOUND" | tr '\n' ';')"
    fi
    for one_path in $ALL_PATHS; do
      node "$one_path"
      if [ "$NODE" != "$DEV" ]; then blockdev --flushbufs "$NODE" || :; fi
      show_partitions "$NODE"
    done
  fi
  settle
  partitions "$1" await_partition
  if [ "$READ_BACK" = yes ]; then
    printf '%s\n' "$FOUND" | while read -r line; do say "table $ID $line"; done
  fi
}

# write_table INDEX new|complete
write_table() {
  case $KEEP_TABLE$2 in
    new) sfdisk_script "$1" | table_write always ;;
    complete) sfdisk_script "$1" | table_write never ;;
    *new) partitions "$1" sfdisk_entry | table_write never --append ;;
    *complete) rewrite_table ;;
  esac
}

# partition_node NUMBER: sets NODE for the disk in hand, by sysfs, else by the kernel's naming rule.
partition_node() {
  for entry in "/sys/class/block/$KNAME/$KNAME"*/partition; do
    value "$entry"
    if [ "$VALUE" = "$1" ]; then
      entry=${entry%/partition}
      node "${entry##*/}"
      return
    fi
  done
  case $DEV in *[0-9]) NODE=${DEV}p$1 ;; *) NODE=$DEV$1 ;; esac
}

# The partition is there, at the planned place, as the kernel sees it.
partition_there() {
  partition_node "$1"
  [ -b "$NODE" ] || return 1
  kernel_name "$NODE"
  value "/sys/class/block/$KERNEL/start"
  [ "$VALUE" = $(($2 * MIB / 512)) ] || return 1
  value "/sys/class/block/$KERNEL/size"
  [ "$VALUE" = $(($3 * MIB / 512)) ]
}

await_partition() {
  tries=30
  until partition_there "$@"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || die 12 KSG-132 "disk $ID: $NODE does not appear"
    show_partitions "$DEV"
    if ! partition_there "$@"; then sleep 1; fi
  done
}
