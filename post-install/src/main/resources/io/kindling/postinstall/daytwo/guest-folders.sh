#!/bin/sh
# Folders that Nova has left of guests which are elsewhere now. Where disks lie in Ceph it takes away their domains alone when
# an evacuated compute is back; and a guest cannot move to a compute that has its folder. Installed as
# /usr/local/lib/kindling/guest-folders, run as root on a compute to which no guest comes just now.
#
#   guest-folders check    are there none? Exit 0 none, 1 some, 75 cannot tell just now
#   guest-folders remove   removes them
#
# One of a guest that libvirt knows, or with a file that may be a disk, is left alone.

known=$(virsh --quiet --connect qemu:///system list --all --uuid) || exit 75
found=0
for folder in /var/lib/nova/instances/????????-????-????-????-????????????; do
  [ -d "$folder" ] || continue
  case $known in *"${folder##*/}"*) continue ;; esac
  other=$(find "$folder" -mindepth 1 ! -name disk.info ! -name 'console.log*' ! -name libvirt.xml | head -n 1)
  if [ -n "$other" ]; then
    echo "left alone: $other"
    continue
  fi
  found=1
  echo "left over: $folder"
  [ "$1" = check ] || rm -r "$folder" || exit 2
done
[ "$1" != check ] || exit "$found"
