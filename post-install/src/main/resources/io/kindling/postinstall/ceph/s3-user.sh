#!/bin/sh
# s3-user UID: makes an S3 user; RADOS Gateway makes its keys, which are shown nowhere here. An operator reads them by
# `radosgw-admin user info --uid=UID`. Installed as /usr/local/lib/kindling/s3-user, run as root where the admin's key is.

if ! said=$(radosgw-admin user create --uid="$1" --display-name="$1" 2>&1 >/dev/null); then
  printf '%s\n' "$said"
  exit 1
fi
