#!/bin/sh
# answers URL: does a web server say yes there? Exit 0 yes, 1 no. Installed as /usr/local/lib/kindling/answers.

if said=$(curl --silent --show-error --fail --noproxy '*' --max-time 5 --output /dev/null "$1" 2>&1); then exit 0; fi
printf '%s\n' "${said:-no answer}"
exit 1
