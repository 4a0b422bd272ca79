#!/bin/sh
# firewall-check: what a host lets in and what listens on it, as root. Lines `KINDLING-CHECK …`:
#
#   rules loaded | rules WHY        whether its firewall is as planned
#   own PROTOCOL PORT               what an operator's own rules speak of
#   listens PROTOCOL ADDRESS:PORT PROGRAM

said=$(/usr/local/lib/kindling/firewall check 2>&1) && said=loaded
printf 'KINDLING-CHECK rules %s\n' "$(printf '%s\n' "$said" | tail -n 1)"
cat /etc/kindling/firewall.d/*.nft 2>/dev/null | grep -oE '(tcp|udp) dport [0-9]+' |
  sed 's/^\(...\) dport /KINDLING-CHECK own \1 /'
ss -Hltunp | awk '{
  name = "?"
  if (match($0, /users:\(\("[^"]*"/)) name = substr($0, RSTART + 9, RLENGTH - 10)
  print "KINDLING-CHECK listens", $1, $5, name
}'
