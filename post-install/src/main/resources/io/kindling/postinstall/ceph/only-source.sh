#!/bin/sh
# only-source check|apply LIST: is LIST the only source of packages? Installed as
# /usr/local/lib/kindling/only-source, run as root. Others are set aside, not removed: they get the ending
# `.kindling-off`, which apt does not read. Exit 0 yes or done, 1 no.

folder=${2%/*}
code=0
for file in "${folder%.d}" "$folder"/*.list "$folder"/*.sources; do
  if [ "$file" = "$2" ] || [ ! -e "$file" ]; then continue; fi
  # An empty or commented file is no source.
  grep -q -v -E '^[[:space:]]*(#|$)' "$file" || continue
  if [ "$1" = check ]; then
    echo "$file is one too"
    code=1
  else
    mv "$file" "$file.kindling-off" || exit 2
  fi
done
exit "$code"
