#!/bin/sh
# node-check WHAT VALUE…: what a node says of itself, as root. For each pair a line `KINDLING-CHECK WHAT VALUE TEXT`:
#
#   clock -          seconds from the time sources, and whether it follows one: `-0.000012 Normal`
#   unit NAME        systemd's word: `active`
#   osd PARTUUID     `ID DB` of the OSD on that partition; another text where there is none
#   vip ADDRESS      `here` or `away`
#   url URL          `answers`, or why not

said() {
  printf 'KINDLING-CHECK %s %s %s\n' "$1" "$2" "$3"
}

while [ $# -ge 2 ]; do
  case $1 in
    clock)
      tracking=$(chronyc -n -c tracking 2>&1) && tracking=$(printf '%s\n' "$tracking" | awk -F , '{ print $5, $NF }')
      said clock - "$tracking"
      ;;
    unit) said unit "$2" "$(systemctl is-active "$2")" ;;
    osd) said osd "$2" "$(/usr/local/lib/kindling/osd show "$2" 2>&1 | tail -n 1)" ;;
    vip) if ip -o -4 address show to "$2/32" | grep -q .; then said vip "$2" here; else said vip "$2" away; fi ;;
    url) said url "$2" "$(/usr/local/lib/kindling/answers "$2" && echo answers)" ;;
  esac
  shift 2
done
