#!/bin/sh
# volume-service-up BINARY HOST...: is that service of Cinder up on each of these? Exit 0 yes, 1 no. Installed as
# /usr/local/lib/kindling/volume-service-up, run as root on the controller.

binary=$1
shift
if ! said=$(openstack --os-cloud kindling volume service list --service "$binary" -f value -c Host -c State 2>&1); then
  printf '%s\n' "$said" | tail -n 3
  exit 1
fi
for host; do
  case "
$said
" in
    *"
$host up
"*) ;;
    *)
      echo "$binary of $host is not up: $said"
      exit 1
      ;;
  esac
done
