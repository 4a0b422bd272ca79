#!/bin/sh
# A reboot that is done once. Installed as /usr/local/lib/kindling/reboot, run as root.
#
#   reboot done ORDER   has the node booted since that order? Exit 0 yes, 1 no
#   reboot now  ORDER   notes the present boot and reboots; never returns

read -r boot </proc/sys/kernel/random/boot_id
note=/var/lib/kindling/reboots/$2
case $1 in
  done)
    if [ ! -e "$note" ]; then
      echo "not ordered yet"
      exit 1
    fi
    if [ "$(cat "$note")" = "$boot" ]; then
      echo "the boot is still the one before"
      exit 1
    fi
    ;;
  now)
    mkdir -p "${note%/*}" && echo "$boot" >"$note" && sync "$note" || exit 2
    echo "rebooting"
    systemctl reboot || exit 2
    sleep 1200 # the reboot ends this
    exit 75
    ;;
  *)
    echo "usage: reboot done|now ORDER" >&2
    exit 64
    ;;
esac
