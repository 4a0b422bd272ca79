#!/bin/sh
# volume-service-up BINARY: is one of Cinder's services of that name up? Exit 0 yes, 1 no. Installed as
# /usr/local/lib/kindling/volume-service-up, run as root on the controller.

if ! said=$(openstack --os-cloud kindling volume service list --service "$1" -f value -c Host -c State 2>&1); then
  printf '%s\n' "$said" | tail -n 3
  exit 1
fi
case " $said
" in
  *" up
"*) exit 0 ;;
esac
echo "no $1 is up: $said"
exit 1
