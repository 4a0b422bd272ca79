# ---- What follows is the same for every machine ----------------------------------------------------

LOCK=/run/kindling-partition.lock
MIB=1048576
UNTIL=filesystems
TARGET=''
READ_BACK=no
REFUSED=no
CLEARED=' ' # ` NAME=INDEX`: kernel names of what the plan clears, and of which disk it is
UNTOUCHED='the plan does not touch'
SEEN='' # kernel names of the planned disks
TABLES_KEPT='' # kernel names of disks whose table stays

say() { printf 'KINDLING %s\n' "$*"; }

# error KSG-ID TEXT
error() { printf 'KINDLING-ERROR %s %s\n' "$1" "$2" >&2; }

# die CODE KSG-ID TEXT
die() {
  error "$2" "$3"
  exit "$1"
}

# refuse KSG-ID TEXT: a finding of the check about the disk in hand; the check goes on.
refuse() {
  error "$1" "disk $ID: $2"
  REFUSED=yes
}

have() { command -v "$1" >/dev/null 2>&1; }

# Waits for udev to have seen what was done, where there is udev.
settle() {
  if have udevadm && [ -e /run/udev/control ]; then
    udevadm settle -t 30 >/dev/null 2>&1 || :
  fi
}

# show_partitions DEVICE: tells the kernel what is in the table. By itself `partx -u` stops at a number as
# high as there are entries.
show_partitions() {
  partx -u "$1" >/dev/null 2>&1 || :
  partx -a "$1" >/dev/null 2>&1 || :
}

# Processes are what costs time here (tens of milliseconds each on a slow machine), so what can be read
# from sysfs or done by the shell itself is; such functions answer in a variable.

# node NAME: sets NODE, the node of a kernel name (`cciss!c0d0` is /dev/cciss/c0d0).
node() {
  case $1 in
    *!*) NODE=/dev/${1%%!*}/${1#*!} ;;
    *) NODE=/dev/$1 ;;
  esac
}

# kernel_name NODE: sets KERNEL.
kernel_name() {
  KERNEL=${1#/dev/}
  case $KERNEL in */*) KERNEL=${KERNEL%%/*}!${KERNEL#*/} ;; esac
}

# value FILE: sets VALUE to the file's first line, empty where there is none.
value() {
  VALUE=''
  if [ -r "$1" ]; then read -r VALUE 2>/dev/null <"$1" || :; fi
}

# plain TEXT: sets PLAIN: no doubled blanks, udev's underscores as blanks.
plain() {
  set -f
  old_ifs=$IFS
  IFS=' 	_'
  # shellcheck disable=SC2086 # to be split
  set -- $1
  IFS=' '
  PLAIN=$*
  IFS=$old_ifs
  set +f
}
