#!/bin/sh
# yes COMMAND…: does the command say yes? Exit 0 yes, 1 no, whatever its own code for no is. Installed as
# /usr/local/lib/kindling/yes.

if said=$("$@" 2>&1 </dev/null); then exit 0; fi
printf '%s\n' "$said" | tail -n 3
exit 1
