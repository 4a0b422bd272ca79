#!/bin/bash
# Fetches what nodes need from Debian, with everything that depends on, and publishes it as a signed archive of its own.
# apt solves (from an empty system: nothing is taken to be installed anywhere), fetches and verifies; what is there already
# is not fetched again, and a file that broke off goes on.
#
#   DIRECTORY  the mirror: archives/ (fetched), signing/ (the key), current → what is served, current-ceph → the part of it that
#              racks without OpenStack need
#   WANTED     files with package names
#   BASE       those of them for racks without OpenStack
#   KEYRING    whose signature the source must carry
# beside what lib.sh wants (OUT is not used).
OUT=/dev/null
here=$(dirname "$0")
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
: "${DIRECTORY:?}" "${WANTED:?}" "${BASE:?}" "${KEYRING:?}"
mkdir -p "$DIRECTORY/archives/partial" "$WORK"/{lists,state,cache,etc}
exec 9>"$DIRECTORY/.lock"
flock 9

progress 1 4 "reading the package lists of $MIRROR"
sources | sed "s|^deb |deb [signed-by=$KEYRING] |" >"$WORK/etc/sources.list"
: >"$WORK/status"
cat >"$WORK/apt.conf" <<EOF
Dir::Etc "$WORK/etc";
Dir::Etc::sourcelist "$WORK/etc/sources.list";
Dir::Etc::sourceparts "$WORK/etc";
Dir::Etc::parts "$WORK/etc";
Dir::Etc::preferences "$WORK/etc/none";
Dir::Etc::preferencesparts "$WORK/etc";
Dir::State "$WORK/state";
Dir::State::lists "$WORK/lists";
Dir::State::status "$WORK/status";
Dir::Cache "$WORK/cache";
Dir::Cache::archives "$DIRECTORY/archives";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Install-Recommends "false";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::http::Timeout "30";
EOF
export APT_CONFIG=$WORK/apt.conf
apt-get --quiet=2 update

progress 2 4 "working out what the roles need"
# needed ARCHIVES PACKAGES…: FILE BYTES HASH of each that is not in that folder with its size; apt prints
# 'URI' FILE BYTES SHA256:HASH.
needed() {
    apt-get --quiet=2 --yes --print-uris -o Acquire::ForceHash=SHA256 -o Dir::Cache::archives="$1/" install "${@:2}" |
        sed -n "s/^'[^']*' \([^ ]*\) \([0-9]*\) SHA256:\([0-9a-f]*\)$/\1 \2 \3/p"
}
wanted=$(for file in $WANTED; do packages "$file"; done | xargs echo)
base=$(for file in $BASE; do packages "$file"; done | xargs echo)
# shellcheck disable=SC2086 # lists of words
{
    needed "$DIRECTORY/archives" $wanted >"$WORK/files.new"
    needed "$WORK/cache" $wanted >"$WORK/files"
    needed "$WORK/cache" $base >"$WORK/files.ceph"
}
count=$(wc -l <"$WORK/files")
[ "$count" -gt 0 ]
total=$(awk '{ sum += $2 } END { print sum + 0 }' "$WORK/files")
missing=$(awk '{ sum += $2 } END { print sum + 0 }' "$WORK/files.new")

mib() { echo $((($1 + 1048575) / 1048576)); }
progress 3 4 "$count packages, $(mib "$total") MiB; $(mib "$missing") MiB to fetch"
told=0
# shellcheck disable=SC2086
apt-get --quiet=2 --yes --download-only -o APT::Status-Fd=8 install $wanted 8> >(
    while IFS=: read -r kind _ percent what; do
        percent=${percent%%.*}
        if [ "$kind" = dlstatus ] && [ "$percent" -ge $((told + 10)) ]; then
            told=$((percent / 10 * 10))
            progress 3 4 "$told %: ${what%% (*}"
        fi
    done
)
# apt takes a file of an earlier run by its size alone.
bad=
while read -r file _ hash; do
    if ! echo "$hash  $DIRECTORY/archives/$file" | sha256sum --check --status; then
        rm -f "$DIRECTORY/archives/$file"
        bad="$bad $file"
    fi
done <"$WORK/files"
if [ -n "$bad" ]; then
    echo "Hash Sum mismatch:$bad (removed; the next run fetches them anew)" >&2
    exit 1
fi

progress 4 4 "publishing and signing"
export GNUPGHOME=$DIRECTORY/signing
if [ ! -d "$GNUPGHOME" ]; then
    rm -rf "$GNUPGHOME.new"
    install -d -m 0700 "$GNUPGHOME.new"
    gpg --homedir "$GNUPGHOME.new" --batch --quiet --passphrase '' \
        --quick-generate-key 'Kindling package mirror' ed25519 sign never
    gpgconf --homedir "$GNUPGHOME.new" --kill all
    sync --file-system "$GNUPGHOME.new"
    mv "$GNUPGHOME.new" "$GNUPGHOME"
fi
trap 'gpgconf --kill all' EXIT
# publish FILES: makes an archive of them, its folder in `fresh`.
publish() {
    fresh=$(mktemp -d "$DIRECTORY/published-XXXXXX")
    chmod 0755 "$fresh"
    local lists=$fresh/dists/$SUITE/main/binary-amd64 file
    mkdir -p "$fresh/pool" "$lists"
    while read -r file _; do
        # The epoch, which apt writes into its file names, is in no name of Debian's pool.
        ln "$DIRECTORY/archives/$file" "$fresh/pool/${file/_[0-9]*%3a/_}"
    done <"$1"
    (
        cd "$fresh"
        apt-ftparchive --quiet=2 packages pool >"$lists/Packages"
        xz --keep "$lists/Packages"
        apt-ftparchive --quiet=2 -o APT::FTPArchive::Release::Origin=Kindling -o APT::FTPArchive::Release::Label=Kindling \
            -o "APT::FTPArchive::Release::Suite=$SUITE" -o "APT::FTPArchive::Release::Codename=$SUITE" \
            -o APT::FTPArchive::Release::Components=main -o APT::FTPArchive::Release::Architectures=amd64 \
            release "dists/$SUITE" >"$WORK/Release"
        mv "$WORK/Release" "dists/$SUITE/Release"
    )
    gpg --batch --quiet --clearsign --output "$fresh/dists/$SUITE/InRelease" "$fresh/dists/$SUITE/Release"
    gpg --armor --export >"$fresh/kindling-archive-key.asc"
    printf '{"suite":"%s","at":"%s","packages":%s,"bytes":%s}\n' "$SUITE" "$(date --utc +%Y-%m-%dT%H:%M:%SZ)" \
        "$(wc -l <"$1")" "$(awk '{ sum += $2 } END { print sum + 0 }' "$1")" >"$fresh/mirror.json"
    sync --file-system "$fresh"
}

# serve NAME: puts `fresh` in that one's place.
serve() {
    ln -sfn "$(basename "$fresh")" "$DIRECTORY/$1.new"
    mv -T "$DIRECTORY/$1.new" "$DIRECTORY/$1"
}

publish "$WORK/files"
serve current
kept=$fresh
if ! cmp -s "$WORK/files" "$WORK/files.ceph"; then publish "$WORK/files.ceph"; fi
serve current-ceph
# What nobody is served any more.
for old in "$DIRECTORY"/published-*; do
    [ "$old" = "$fresh" ] || [ "$old" = "$kept" ] || rm -rf --one-file-system "$old"
done
cut -d ' ' -f 1 "$WORK/files" | sort >"$WORK/kept"
find "$DIRECTORY/archives" -maxdepth 1 -name '*.deb' -printf '%f\n' | sort | comm -23 - "$WORK/kept" |
    while read -r file; do rm -f "$DIRECTORY/archives/$file"; done
