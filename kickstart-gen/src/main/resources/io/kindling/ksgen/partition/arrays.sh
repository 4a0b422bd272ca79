# ---- Arrays ----------------------------------------------------------------------------------------

# find_array UUID: sets ARRAY to the node of the running array of that id, empty where none runs.
find_array() {
  ARRAY=''
  for sys in /sys/block/md*; do
    if ! [ -e "$sys/md/array_state" ]; then continue; fi
    value "$sys/md/array_state"
    case $VALUE in clear | inactive) continue ;; esac
    if [ "$(array_id "/dev/${sys##*/}")" = "$1" ]; then ARRAY=/dev/${sys##*/}; fi
  done
}

array_id() {
  mdadm --detail --export "$1" 2>/dev/null 9>&- | sed -n 's/^MD_UUID=//p' | plain_id
}

# member_array NODE: the id of the array a device says it is part of.
member_array() {
  mdadm --examine --export "$1" 2>/dev/null 9>&- | sed -n 's/^MD_UUID=//p' | plain_id
}

# mdadm groups the 32 digits otherwise than everybody else.
plain_id() {
  sed -n -e 's/[^0-9a-fA-F]//g' -e 's/^\(.\{8\}\)\(.\{4\}\)\(.\{4\}\)\(.\{4\}\)\(.\{12\}\)$/\1-\2-\3-\4-\5/p' |
    tr 'A-F' 'a-f'
}

# members PARTUUIDS: sets MEMBERS to their nodes and COUNT to how many they are.
members() {
  MEMBERS='' COUNT=0
  for wanted in $1; do
    for index in $DISKS; do
      locate "$index"
      partitions "$index" member
    done
  done
}

member() {
  [ "$5" = "$wanted" ] || return 0
  partition_node "$1"
  MEMBERS="$MEMBERS $NODE"
  COUNT=$((COUNT + 1))
}

# make_array NAME UUID METADATA FS FS-ID GROUP PV-ID MEMBERS
make_array() {
  find_array "$2"
  if [ -z "$ARRAY" ]; then
    members "$8"
    assemble "$@"
    find_array "$2"
  fi
  [ -n "$ARRAY" ] || die 13 KSG-142 "array $1 does not run"
  # The installation first: until the restart the first synchronisation gets what it always gets.
  echo 1000 >"/sys/block/${ARRAY#/dev/}/md/sync_speed_max" || :
  members "$8"
  complete_array "$@"
}

# stop_holders: ends the arrays, of whatever id and state, that hold the members.
stop_holders() {
  for one in $MEMBERS; do
    kernel_name "$one"
    for holder in "/sys/class/block/$KERNEL/holders/"md*; do
      if [ -e "$holder" ]; then mdadm --stop "/dev/${holder##*/}" >/dev/null 2>&1 9>&- || :; fi
    done
  done
}

assemble() {
  stop_holders
  with='' without=''
  for one in $MEMBERS; do
    if [ "$(member_array "$one")" = "$2" ]; then with="$with $one"; else without="$without $one"; fi
  done
  if [ -n "$with" ]; then
    say "step filesystems array $1: assembling"
    # shellcheck disable=SC2086 # device nodes, no blanks
    mdadm --assemble --quiet --run "/dev/md/$1" --uuid="$(array_uuid "$2")" $with >/dev/null 2>&1 9>&- || :
    find_array "$2"
    if [ -n "$ARRAY" ] && [ -z "$without" ]; then return 0; fi
    if [ -n "$ARRAY" ] && [ "$(content_id "$ARRAY")" = "${5:-$7}" ]; then return 0; fi
    stop_holders # cut off while it was made: nothing has been put on it
  fi
  say "step filesystems array $1"
  for one in $MEMBERS; do
    wipefs -q -a "$one" >/dev/null || die 13 KSG-142 "array $1: $one is in use"
  done
  # The start of the data is fixed: what is planned on the array fits on any of them.
  offset=''
  if [ "$3" = 1.2 ]; then offset=--data-offset=1M; fi
  # shellcheck disable=SC2086 # words
  mdadm --create "/dev/md/$1" --quiet --run --level=1 --metadata="$3" --raid-devices="$COUNT" \
    --homehost=any --name="$1" --uuid="$(array_uuid "$2")" --bitmap=internal $offset \
    $MEMBERS >/dev/null 9>&- || die 13 KSG-142 "array $1: mdadm failed on$MEMBERS"
}

# A member that an interrupted run left out, or that fell out, is taken in again.
complete_array() {
  for one in $MEMBERS; do
    kernel_name "$one"
    if [ -e "/sys/class/block/$KERNEL/holders/${ARRAY#/dev/}" ]; then continue; fi
    say "step filesystems array $1: adding $one"
    mdadm --manage "$ARRAY" --quiet --add "$one" >/dev/null 2>&1 9>&- ||
      die 13 KSG-142 "array $1: $one cannot be added"
  done
}

array_uuid() { printf '%s' "$1" | tr -d '-' | sed 's/.\{8\}/&:/g; s/:$//'; }

array_content() {
  [ -n "$4" ] || return 0
  find_array "$2"
  [ -n "$ARRAY" ] || die 13 KSG-142 "array $1 does not run"
  make_fs "$ARRAY" "$4" "$5" "array $1"
}
