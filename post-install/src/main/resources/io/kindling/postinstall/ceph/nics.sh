#!/bin/sh
# Names of NICs for keepalived, by the addresses they have: kernels name them, plans do not.
#
#   nics present FILE ADDRESS…   does FILE name the NIC of each address, as $NIC_0, $NIC_1 …?
#   nics write FILE ADDRESS…     writes it
#
# Exit 0 yes or done, 1 no, 2 no NIC has an address. Installed as /usr/local/lib/kindling/nics, run as root.

verb=$1
file=$2
shift 2
text='# Written by Kindling; changes by hand are undone.'
number=0
for address; do
  nic=$(ip -o -4 address show to "$address/32" | awk '{ print $2; exit }')
  if [ -z "$nic" ]; then
    echo "no NIC has the address $address"
    exit 2
  fi
  text="$text
\$NIC_$number=$nic"
  number=$((number + 1))
done
case $verb in
  present)
    [ "$(cat "$file" 2>/dev/null)" = "$text" ] && exit 0
    echo "$file is missing or names others"
    exit 1
    ;;
  write) printf '%s\n' "$text" >"$file.kindling-new" && mv -fT "$file.kindling-new" "$file" ;;
  *)
    echo "usage: nics present|write FILE ADDRESS…" >&2
    exit 64
    ;;
esac
