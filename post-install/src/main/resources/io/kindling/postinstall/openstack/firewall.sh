#!/bin/sh
# firewall check|load|off: the rules of /etc/kindling/firewall.nft and what of the kernel's is theirs, as root.
#
#   check   exit 0 where they are loaded as they are written, 1 with the reason where not
#   load    puts them in the place of those that are loaded, all at once or not at all
#   off     takes them away: everything is let in until the next load

RULES=/etc/kindling/firewall.nft
OWN=/etc/kindling/firewall.d
# What was loaded and how the kernel shows it; another can be given for tests.
NOTE=${KINDLING_FIREWALL_NOTE:-/run/kindling-firewall}

written() {
  cat "${1:-$RULES}" "$OWN"/*.nft 2>/dev/null | sha256sum
}

# Without counters, which change.
shown() {
  nft -s list table inet kindling 2>/dev/null | sha256sum
}

check() {
  if ! nft -s list table inet kindling >/dev/null 2>&1; then
    echo "its rules are not loaded"
    return 1
  fi
  if [ "$(sed -n 1p "$NOTE" 2>/dev/null)" != "$(written "$1")" ]; then
    echo "other rules are loaded than are written"
    return 1
  fi
  if [ "$(sed -n 2p "$NOTE")" != "$(shown)" ]; then
    echo "its rules were changed since they were loaded"
    return 1
  fi
}

load() {
  if ! said=$(nft -c -f "${1:-$RULES}" 2>&1) || ! said=$(nft -f "${1:-$RULES}" 2>&1); then
    printf '%s\n' "$said"
    printf 'KINDLING-ERROR OST-025 %s\n' "$(printf '%s\n' "$said" | sed -n 1p)"
    return 2
  fi
  {
    written "$1"
    shown
  } >"$NOTE"
}

case $1 in
  check) check "$2" ;;
  load) load "$2" ;;
  off) printf 'table inet kindling\ndelete table inet kindling\n' | nft -f - ;;
  *)
    echo "firewall check|load|off" >&2
    exit 64
    ;;
esac
