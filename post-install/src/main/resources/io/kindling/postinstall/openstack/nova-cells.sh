#!/bin/sh
# nova-cells check|apply LOGIN: Nova's tables and its two cells. Cell 0 keeps what no host took, cell1 everything else. Their
# addresses are patterns over those in nova.conf, so that no password stands in a table or on a command line. LOGIN is a file
# of options for MariaDB's client. Exit 0 as planned, 1 not. Installed as /usr/local/lib/kindling/nova-cells, run as root on
# the controller.

ask() {
  mariadb --defaults-file="$login" -N -e "$1" 2>/dev/null
}

manage() {
  runuser -u nova -- nova-manage "$@"
}

check() {
  for database in nova_api nova nova_cell0; do
    if ! ask "SELECT version_num FROM $database.alembic_version" >/dev/null; then
      echo "no tables in $database"
      return 1
    fi
  done
  cells=$(ask "SELECT COALESCE(name, '') FROM nova_api.cell_mappings ORDER BY name" | tr '\n' ' ')
  [ "$cells" = "cell0 cell1 " ] && return 0
  echo "cells are $cells"
  return 1
}

apply() {
  url='{scheme}://{username}:{password}@{hostname}'
  manage api_db sync &&
    manage cell_v2 map_cell0 --database_connection "$url/nova_cell0?{query}" || return
  case $(ask 'SELECT name FROM nova_api.cell_mappings') in
    *cell1*) ;;
    *) manage cell_v2 create_cell --name cell1 --database_connection "$url/{path}?{query}" \
      --transport-url "$url:{port}/{path}" || return ;;
  esac
  manage db sync
}

login=$2
"$1"
