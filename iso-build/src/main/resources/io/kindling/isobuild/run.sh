#!/bin/bash
# run.sh SCRIPT: runs a build script in a mount namespace of its own, so that whatever way it ends no mount is left behind;
# one at a time for each artefact, even where the process that started an earlier one was killed and the build lives on.
# BUILD: this build's folder; its siblings of the same artefact are leftovers.
set -euo pipefail
: "${BUILD:?}"
script=$1
prefix=${BUILD%-*}-
exec 9>"${prefix}running"
flock 9
for leftover in "$prefix"[0-9]*; do
    if [ -d "$leftover" ] && [ "$leftover" != "$BUILD" ]; then
        rm -rf --one-file-system "$leftover"
    fi
done
status=0
unshare --mount --propagation private bash "$script" || status=$?
if [ "$status" -ne 0 ]; then
    cd / && rm -rf --one-file-system "$BUILD/work"
    exit "$status"
fi
rm -rf --one-file-system "$BUILD/work"
sync --file-system "$BUILD/out"
