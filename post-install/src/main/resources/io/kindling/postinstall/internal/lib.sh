#!/bin/sh
# What the installation's scripts share. Before it stand the plan's values, each quoted:
#   TARGET    where the installed system is mounted
#   MOUNTS    lines `ID TYPE MOUNT`: file systems by UUID, parents first, swap last
#   ARRAYS    lines `ID NAME`: RAID1 arrays, by mdadm's spelling
#   GROUPS_   volume groups to activate, one a line
#   ESPS      lines `ID DISK-GUID NUMBER`: EFI system partitions; of a mirrored one all members
#   BIOS      lines `DISK-GUID`: disks that get BIOS boot code
# shellcheck disable=SC2154

# fail ID TEXT: the named error the appliance reads; ends the script.
fail() {
  printf 'KINDLING-ERROR %s %s\n' "$1" "$2"
  exit 1
}

result() { printf 'KINDLING-RESULT %s=%s\n' "$1" "$2"; }

# The device of a file system, by its UUID; past every cache.
file_system() {
  blkid -c /dev/null -t "UUID=$1" -o device | head -n 1
}

# The disk with that GPT disk GUID.
disk() {
  for sys in /sys/block/*; do
    case ${sys##*/} in loop* | ram* | dm-* | md* | sr* | zram* | fd*) continue ;; esac
    [ "$(blkid -p -s PTUUID -o value "/dev/${sys##*/}" 2>/dev/null)" = "$1" ] || continue
    printf '/dev/%s\n' "${sys##*/}"
    return
  done
}

# The running array of that id.
array() {
  for sys in /sys/block/md*; do
    [ -e "$sys/md/array_state" ] || continue
    case $(cat "$sys/md/array_state") in clear | inactive) continue ;; esac
    case $(mdadm --detail --export "/dev/${sys##*/}") in
      *"MD_UUID=$1"*) printf '/dev/%s\n' "${sys##*/}" ;;
    esac
  done
}

mounted() {
  while read -r _ at _; do
    [ "$at" = "$1" ] && return 0
  done </proc/self/mounts
  return 1
}

# Everything mounted at or under a place, the deepest first.
mounts_under() {
  while read -r _ at _; do
    case $at in "$1" | "$1"/*) printf '%s\n' "$at" ;; esac
  done </proc/self/mounts | sort -r
}

unmount_all() {
  for round in 1 2 3 4 5 6; do
    left=$(mounts_under "$1")
    [ -n "$left" ] || return 0
    [ "$round" = 1 ] || sleep 1 # udev may just look at it
    printf '%s\n' "$left" | while read -r at; do umount "$at"; done
  done
  fail INS-024 "$1 cannot be unmounted"
}

activate() {
  modprobe -q -a dm_mod raid1
  printf '%s\n' "$ARRAYS" | while read -r id name; do
    if [ -z "$id" ] || [ -n "$(array "$id")" ]; then continue; fi
    mdadm --assemble --quiet --run "/dev/md/$name" --uuid="$id"
    [ -n "$(array "$id")" ] || exit 1
  done || fail INS-020 "an array could not be started: $ARRAYS"
  printf '%s\n' "$GROUPS_" | while read -r group; do
    [ -z "$group" ] || vgchange -q -ay "$group" >/dev/null || exit 1
  done || fail INS-020 "a volume group could not be activated: $GROUPS_"
  ! command -v udevadm >/dev/null || udevadm settle -t 30
}

# mount_one ID TYPE PLACE
mount_one() {
  mounted "$3" && return 0
  device=$(file_system "$1")
  [ -n "$device" ] || fail INS-020 "no device has file system $1 (for $3)"
  mkdir -p "$3"
  mount -t "$2" -o noatime "$device" "$3" || fail INS-024 "$device cannot be mounted at $3"
}

# mount_target TYPE…: mounts the planned file systems but those of the types named.
mount_target() {
  while read -r id type place; do
    case $place in swap | '') continue ;; esac
    case " $* " in *" $type "*) continue ;; esac
    mount_one "$id" "$type" "$TARGET${place%/}"
  done <<END
$MOUNTS
END
}

# What programs of the installed system need around them.
enter_target() {
  for place in dev proc sys run; do
    mkdir -p "$TARGET/$place"
    mounted "$TARGET/$place" && continue
    mount --bind "/$place" "$TARGET/$place" || fail INS-024 "/$place cannot be bound into $TARGET"
  done
}

leave_target() {
  for place in run sys proc dev; do
    unmount_all "$TARGET/$place"
  done
}

# in_target PROGRAM…: with the installed system as its root.
in_target() {
  LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$TARGET" "$@"
}

# write MODE PATH TEXT: a whole file of the installed system, never through a link it holds.
write() {
  mkdir -p "${TARGET}${2%/*}" || fail INS-040 "$2 cannot be written"
  rm -f "$TARGET$2.kindling"
  if ! { printf '%s' "$3" >"$TARGET$2.kindling" && chmod "$1" "$TARGET$2.kindling" &&
    mv -f "$TARGET$2.kindling" "$TARGET$2"; }; then
    fail INS-040 "$2 cannot be written"
  fi
}
