#!/bin/sh
# computes-known LOGIN HOST…: does Nova's scheduler know all these hosts? LOGIN is a file of options for MariaDB's client.
# Exit 0 yes, 1 no. Installed as /usr/local/lib/kindling/computes-known, run as root on the controller.

known=$(mariadb --defaults-file="$1" -N -e 'SELECT host FROM nova_api.host_mappings') || exit 75
shift
for host; do
  if ! printf '%s\n' "$known" | grep -qx "$host"; then
    echo "$host is not in a cell"
    exit 1
  fi
done
