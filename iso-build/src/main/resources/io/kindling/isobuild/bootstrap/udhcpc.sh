#!/bin/sh
# udhcpc's script: gives the interface its address. The variables come from udhcpc.
# shellcheck disable=SC2154 # interface, ip, mask, router: udhcpc's environment
# shellcheck source-path=SCRIPTDIR source=functions.sh
. /usr/lib/kindling/functions.sh

mac=$(cat "/sys/class/net/$interface/address" 2>/dev/null)
case $1 in
    bound | renew)
        ip addr replace "$ip/$mask" dev "$interface"
        for old in $(ip -4 -o addr show dev "$interface" | tr -s ' ' | cut -d' ' -f4); do
            [ "$old" = "$ip/$mask" ] || ip addr del "$old" dev "$interface"
        done
        for gateway in $router; do
            ip route replace default via "$gateway" dev "$interface"
            break
        done
        printf '%s' "$ip" >"$state/ip"
        printf '%s' "$interface" >"$state/interface"
        printf '%s' "$mac" >"$state/mac"
        say_once address "address $ip on $interface ($mac)"
        : >"$state/online"
        ;;
    leasefail | nak)
        say "no answer to DHCP on $interface ($mac); asking again"
        ;;
    deconfig)
        ip link set "$interface" up
        if [ -e "$state/online" ] && [ "$(cat "$state/interface")" = "$interface" ]; then
            ip -4 addr flush dev "$interface"
        fi
        ;;
esac
