# shellcheck shell=bash
# Common part of the build scripts. The caller (ImageBuilder) sets:
#   OUT      folder to leave the artefacts in (empty, private to this build)
#   WORK     scratch folder, removed by the caller
#   SUITE    Debian suite, for example trixie
#   MIRROR   archive with main, contrib, non-free-firmware
#   SECURITY archive with SUITE-security; empty where the mirror has none
# Lines on standard output that start with "kindling-progress:" are progress; the rest is log.

set -euo pipefail
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
umask 022

: "${OUT:?}" "${WORK:?}" "${SUITE:?}" "${MIRROR:?}"
SECURITY=${SECURITY:-}

# progress N M TEXT
progress() {
    printf 'kindling-progress: %s/%s %s\n' "$1" "$2" "$3"
}

# Prints the words of a package list: one package a line, '#' starts a comment.
packages() {
    sed -e 's/#.*//' "$1" | xargs echo
}

# The apt sources the image is built from, one per line.
sources() {
    local components="main non-free-firmware"
    echo "deb $MIRROR $SUITE $components"
    echo "deb $MIRROR $SUITE-updates $components"
    if [ -n "$SECURITY" ]; then
        echo "deb $SECURITY $SUITE-security $components"
    fi
}

# bootstrap_debian VARIANT TARGET [OPTION…]: mmdebstrap with what is common to all images.
bootstrap_debian() {
    local variant=$1 target=$2
    shift 2
    sources >"$WORK/sources.list"
    # Options before the positional arguments: suite, target, sources file.
    # TMPDIR: mmdebstrap's own scratch folder must not be a small tmpfs.
    TMPDIR=$WORK mmdebstrap --verbose --variant="$variant" --architectures=amd64 \
        --aptopt='Acquire::Languages "none"' \
        --aptopt='Acquire::Retries "5"' \
        --aptopt='APT::Install-Recommends "false"' \
        --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/info/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        --dpkgopt='path-exclude=/usr/share/lintian/*' \
        --dpkgopt='path-exclude=/usr/share/bug/*' \
        "$@" "$SUITE" "$target" "$WORK/sources.list" </dev/null 2>&1
}
