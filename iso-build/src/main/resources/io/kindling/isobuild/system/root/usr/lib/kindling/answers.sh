# shellcheck shell=bash
# The first start's answers, lines of KEY=VALUE: what each may be, and what is said where it is not. Sourced.
#
#   interface=52:54:00:00:00:01      provisioning NIC, by MAC or name (needed)
#   address=10.20.0.1/24             the appliance's own there (needed)
#   pool=FIRST-LAST                  lent to machines; without it .100 to .199
#   router=, dns=A[,B]               told to machines; where there is no management NIC, the appliance's own too
#   management=MAC or name           a second NIC, to the operators' network
#   management-address=dhcp or CIDR, management-gateway=, management-dns=A[,B]
#   hostname=, ntp=A[,B], beside-dhcp=yes (serve though another DHCP server is on the provisioning network)
#   proxy=http://HOST:PORT           how packages are fetched from outside
#   mirror=, mirror-security=        where from, instead of Debian's own archives
#   ssh-key=ssh-ed25519 AAAA… NAME   an operator's; may be repeated

# What was read.
declare -A answer=()
keys=()

# refuse TEXT: tells why answers were not taken, and ends.
refuse() {
    echo "$1" >"${problem:-/dev/null}"
    echo "kindling: $1" >&2
    exit 1
}

no_interface() { refuse "ISO-014 this machine has no network interface '$1'. It has: $2"; }
not_up() { refuse "ISO-015 the address $1 does not come up on $2. Is it another machine's already?"; }
no_stick() { refuse "ISO-016 the answers on $1 cannot be read. Write them anew, on a file system of FAT, ext4 or ISO 9660."; }

# form KEY: the pattern of its values, and in words what is expected; fails where there is no such key.
form() {
    local octet='(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])'
    local ip="$octet(\.$octet){3}" name='[0-9A-Za-z]([0-9A-Za-z.-]{0,251}[0-9A-Za-z])?'
    local prefix='([89]|[12][0-9]|30)'
    case $1 in
        interface | management) pattern='[0-9A-Za-z:._-]{1,17}' expected="a MAC or a name, such as 52:54:00:00:00:01 or eno1" ;;
        address) pattern="$ip/$prefix" expected="an address with prefix length, such as 10.20.0.1/24" ;;
        management-address) pattern="dhcp|$ip/$prefix" expected="dhcp, or an address with prefix length" ;;
        pool) pattern="$ip-$ip" expected="FIRST-LAST, such as 10.20.0.100-10.20.0.199" ;;
        router | management-gateway) pattern=$ip expected="an address, such as 10.20.0.254" ;;
        dns | management-dns) pattern="$ip(,$ip)*" expected="addresses of name servers, by commas" ;;
        ntp) pattern="$name(,$name)*" expected="names or addresses of time servers, by commas" ;;
        hostname) pattern='[0-9A-Za-z]([0-9A-Za-z-]{0,61}[0-9A-Za-z])?' expected="a host name without domain" ;;
        beside-dhcp) pattern='yes|no' expected="yes or no" ;;
        proxy)
            pattern="https?://([0-9A-Za-z._~%-]+(:[0-9A-Za-z._~%-]+)?@)?$name(:[0-9]{1,5})?/?"
            expected="http://HOST:PORT, such as http://proxy.example:3128"
            ;;
        mirror) pattern="https?://$name(:[0-9]{1,5})?(/[0-9A-Za-z._~-]+)*/debian/?" expected="a Debian archive's address that ends in /debian" ;;
        mirror-security)
            pattern="https?://$name(:[0-9]{1,5})?(/[0-9A-Za-z._~-]+)*/debian-security/?"
            expected="an address that ends in /debian-security"
            ;;
        ssh-key) pattern='(ssh-|ecdsa-|sk-)[0-9A-Za-z@.-]+ [0-9A-Za-z+/=]+( .*)?' expected="a public key, the whole line of its .pub file" ;;
        *) return 1 ;;
    esac
}

wrong() { refuse "ISO-013 $1 is no value of $2=$3. Expected: $4."; }

# number ADDRESS: as a number.
number() {
    local IFS=.
    # shellcheck disable=SC2086 # four words
    set -- $1
    echo $((($1 << 24) + ($2 << 16) + ($3 << 8) + $4))
}

# inside ADDRESS NETWORK: whether it is a host's address there.
inside() {
    local size=$((1 << (32 - ${2#*/}))) at network
    at=$(number "$1")
    network=$(($(number "${2%/*}") / size * size))
    [ "$at" -gt "$network" ] && [ "$at" -lt $((network + size - 1)) ]
}

# read_answers FILE: into `answer` and `keys`; refuses what is wrong, with its line.
read_answers() {
    local line key value count=0 pattern expected
    while IFS= read -r line || [ -n "$line" ]; do
        count=$((count + 1))
        case $line in '' | '#'*) continue ;; esac
        key=${line%%=*}
        value=${line#*=}
        [ "$key" != "$line" ] || refuse "ISO-013 line $count is not KEY=VALUE: $line"
        form "$key" || refuse "ISO-013 line $count: there is no answer called '$key'. docs/iso.md lists them."
        [[ $value =~ ^($pattern)$ ]] || wrong "line $count: '$value'" "$key" "" "$expected"
        if [ "$key" = ssh-key ]; then
            ssh-keygen -l -f /dev/stdin <<<"$value" >/dev/null 2>&1 || wrong "line $count: '$value'" "$key" "" "$expected"
            keys+=("$value")
        else
            answer[$key]=$value
        fi
    done <"$1"
    local needed
    for needed in interface address; do
        [ -n "${answer[$needed]:-}" ] || refuse "ISO-013 $needed= is missing. The provisioning interface and the address there are needed."
    done
    fitting
}

# Refuses answers that do not go together.
fitting() {
    local network=${answer[address]} own=${answer[address]%/*} first last management=${answer[management-address]:-dhcp}
    inside "$own" "$network" || wrong "the network's own or its broadcast address" address "$network" "a host's address in it"
    if [ -n "${answer[pool]:-}" ]; then
        first=${answer[pool]%-*} last=${answer[pool]#*-}
        if ! inside "$first" "$network" || ! inside "$last" "$network" || [ "$(number "$first")" -gt "$(number "$last")" ]; then
            wrong "a range outside $network, or one that ends before it begins," pool "${answer[pool]}" "FIRST-LAST in the network of address="
        fi
        if [ "$(number "$own")" -ge "$(number "$first")" ] && [ "$(number "$own")" -le "$(number "$last")" ]; then
            wrong "a range that holds the appliance's own address" pool "${answer[pool]}" "one without $own"
        fi
    elif [ "${network#*/}" -gt 24 ]; then
        refuse "ISO-013 pool= is missing: $network is too small for the default, .100 to .199."
    elif [ "${own##*.}" -ge 100 ] && [ "${own##*.}" -le 199 ]; then
        refuse "ISO-013 pool= is missing: the default, .100 to .199, holds the appliance's own address $own."
    fi
    [ -z "${answer[router]:-}" ] || inside "${answer[router]}" "$network" ||
        wrong "an address outside $network" router "${answer[router]}" "a router in the network of address="
    if [ -n "${answer[management-gateway]:-}" ] && [ "$management" != dhcp ] &&
        ! inside "${answer[management-gateway]}" "$management"; then
        wrong "an address outside $management" management-gateway "${answer[management-gateway]}" "a router in the network of management-address="
    fi
    if [ "$management" != dhcp ] && { inside "${management%/*}" "$network" || inside "$own" "$management"; }; then
        wrong "an address in the provisioning network" management-address "$management" "one in the operators' network"
    fi
}
