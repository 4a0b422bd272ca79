#!/bin/sh
# net-probe: runs the program on file descriptor 3 (net-probe.py) with the plan on file descriptor 4; both come as
# here-documents behind the last line, so that no file is left behind.
if ! command -v python3 >/dev/null; then
  echo 'KINDLING-NET trouble this system has no python3'
  exit 1
fi
exec python3 -IS /dev/fd/3 </dev/null
