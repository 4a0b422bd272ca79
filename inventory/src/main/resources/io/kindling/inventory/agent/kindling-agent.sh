#!/bin/sh
# The discovery agent: tells the appliance what this machine is, then that it is alive.
#
#   kindling-agent.sh           report to KINDLING_URL and stay (the bootstrap image runs it so)
#   kindling-agent.sh --print   print the discovery document and end
#   kindling-agent.sh --print-member
#                               the same, of an installed machine
#   kindling-agent.sh --join URL KEY
#                               join this machine, which has its own operating system, to the appliance at URL: install
#                               this agent as a service and let KEY (the appliance's public key) log in as kindling. The
#                               join token is in KINDLING_JOIN. Disks, names and networks stay as they are.
#   kindling-agent.sh --member  what the service runs
#
# Needs curl and jq. Every other tool may be absent: its key is then left out. All parsing is the appliance's; what a tool
# printed is passed on as it is (bytes that are not UTF-8 become U+FFFD).
#
# Environment (defaults from the kernel's command line):
#   KINDLING_URL       http://A.B.C.D:PORT       KINDLING_BOOT    MAC of the boot NIC
#   KINDLING_TOKEN     file with the token        KINDLING_STATE   folder for scratch files
#   KINDLING_CONSOLES  devices that get the messages, beside standard error
set -u
PATH=/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C.UTF-8
export PATH LC_ALL
umask 077

version=1.0
alive_seconds=10     # between two signs of life
watch_every=3        # signs of life between two looks for new disks and neighbours
tool_seconds=30      # a tool that takes longer is ended
all_seconds=45       # tools that even then have not ended (a hung disk) are left behind
longest_delay=30     # seconds between two tries, at most

# argument NAME: the value of a kernel argument.
argument() {
    tr ' ' '\n' </proc/cmdline | sed -n "s/^$1=//p" | tail -n 1
}

url=${KINDLING_URL:-$(argument kindling.url)}
boot=${KINDLING_BOOT:-$(argument kindling.boot | tr 'A-F-' 'a-f:')}
token=${KINDLING_TOKEN:-/etc/kindling/token}
state=${KINDLING_STATE:-/run/kindling/agent}
facts=$state/facts
member=no            # yes: this is the machine's own operating system

say() {
    read -r up _ </proc/uptime
    echo "kindling-agent [$up] $*" >&2
    for console in ${KINDLING_CONSOLES:-}; do
        [ -c "$console" ] && { printf 'kindling [%s] %s\r\n' "$up" "$*" >"$console"; } 2>/dev/null
    done
    return 0
}

# --- Facts ---------------------------------------------------------------------------------------

# collect KEY COMMAND…: runs a tool in the background; its output goes to facts/KEY, its exit code to facts/KEY.rc.
# KEY is KIND.NAME with KIND one of json, text, udev, smart. A process that hangs in the kernel cannot be killed, and
# timeout(1) would wait for it: so nothing here waits for timeout(1) either (see wait_for_tools).
collect() {
    key=$1
    shift
    command -v "$1" >/dev/null 2>&1 || return 0
    started="$started $key"
    (
        timeout -k 2 "$tool_seconds" "$@" >"$facts/$key" 2>/dev/null </dev/null
        echo $? >"$facts/$key.rc"
    ) &
}

wait_for_tools() {
    read -r now _ </proc/uptime
    deadline=$((${now%.*} + all_seconds))
    for key in $started; do
        until [ -s "$facts/$key.rc" ]; do
            read -r now _ </proc/uptime
            if [ "${now%.*}" -ge "$deadline" ]; then
                echo "$key did not end" >>"$facts/problems"
                rm -f "$facts/$key"
                break
            fi
            sleep 0.1
        done
        read -r code <"$facts/$key.rc" 2>/dev/null || code=0
        case $key.$code in
            *.124 | *.137) echo "$key took more than $tool_seconds s" >>"$facts/problems" ;;
            # smartctl's exit code is a set of flags about the disk's health, not about its output.
            smart.*.* | *.0) ;;
            # No lldpd runs (yet): neighbours come with a later report.
            json.lldp.*) ;;
            *) echo "$key ended with code $code" >>"$facts/problems" ;;
        esac
    done
}

# Kernel names of whole disks: what lsblk calls disk, less RAM disks and other things that are never installed to.
disks() {
    lsblk -dnro TYPE,KNAME,SIZE -b 2>/dev/null | while read -r type name size; do
        case $type.$name in
            disk.zram* | disk.ram* | disk.nbd* | disk.fd*) ;;
            disk.*) [ "${size:-0}" = 0 ] || [ ! -b "/dev/$name" ] || echo "$name" ;;
        esac
    done
}

secure_boot() {
    variable=/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c
    # Four bytes of attributes, then the value.
    if [ -r "$variable" ] && [ "$(od -An -tu1 -j4 -N1 "$variable" | tr -d ' ')" = 1 ]; then
        echo true
    else
        echo false
    fi
}

# discover FILE: writes the discovery document.
discover() {
    document=$1
    rm -rf "$facts"
    mkdir -p "$facts"
    : >"$facts/problems"
    started=

    # A container sees the drives of its host too; its own are those that it has a device of. (find would take the mounted
    # devices for the files below them.)
    if [ "$member" = yes ] && systemd-detect-virt --quiet --container; then
        set --
        for device in /dev/*; do
            [ ! -b "$device" ] || set -- "$@" "$device"
        done
        # No udev here: lsblk reads the partitions itself.
        [ $# -eq 0 ] || collect json.lsblk lsblk --json -O -b --properties-by blkid "$@"
    else
        collect json.lsblk lsblk --json -O -b
    fi
    collect json.ip ip -json -details addr
    collect json.lscpu lscpu --json
    collect json.lldp lldpctl -f json0
    collect text.dmidecode dmidecode
    if [ -d /sys/firmware/efi ]; then collect text.efibootmgr efibootmgr -v; fi
    if [ -e /sys/class/tpm/tpm0 ]; then collect text.tpm cat /sys/class/tpm/tpm0/tpm_version_major; fi
    if [ -e /dev/ipmi0 ] || [ -e /dev/ipmi/0 ]; then collect text.ipmi ipmitool lan print; fi
    if [ -e /dev/nvme0 ]; then collect json.nvme nvme list -o json; fi
    for disk in $(disks); do
        collect "udev.$disk" udevadm info --query=property "--name=/dev/$disk"
        collect "smart.$disk" smartctl --json -a "/dev/$disk"
    done
    collect json.lshw lshw -json -quiet
    wait_for_tools

    cat /etc/ssh/ssh_host_*_key.pub 2>/dev/null >"$facts/hostkeys"
    cat /etc/machine-id 2>/dev/null >"$facts/machine-id"
    firmware=bios
    [ -d /sys/firmware/efi ] && firmware=uefi
    read -r up _ </proc/uptime
    read -r boot_id </proc/sys/kernel/random/boot_id

    : >"$facts/hostname"
    [ "$member" = no ] || hostname >"$facts/hostname"

    set -- --rawfile hostname "$facts/hostname" --rawfile hostkeys "$facts/hostkeys" --rawfile machineid "$facts/machine-id" \
        --rawfile problems "$facts/problems"
    # The outputs go in as $f0, $f1, …, their keys beside them ($ARGS.named lacks files before jq 1.7).
    keys=
    contents=
    count=0
    for key in $started; do
        [ -s "$facts/$key" ] || continue
        set -- "$@" --rawfile "f$count" "$facts/$key"
        keys="$keys $key"
        contents="$contents${contents:+,}\$f$count"
        count=$((count + 1))
    done
    # One jq for all: starting it is what is slow on a slow machine.
    # shellcheck disable=SC2016 # jq's variables, not the shell's
    jq -n --arg keys "${keys# }" --arg version "$version" --arg firmware "$firmware" --argjson secure "$(secure_boot)" --arg boot "$boot" \
        --arg bootid "$boot_id" --argjson up "$up" --arg kernel "$(uname -r)" "$@" "[$contents] as \$contents |"'
        def text: gsub("\u0000"; "");
        def lines: split("\n") | map(select(length > 0));
        def properties: lines | map(index("=") as $at | select($at != null)
            | { key: .[:$at], value: .[$at + 1:] }) | from_entries;
        # The facts of one kind, by name; what is not JSON where JSON is expected is left out.
        def of($kind; f): [$keys | split(" "), $contents] | transpose
            | map(select(.[0] | startswith($kind + "."))
                | { key: .[0][($kind | length) + 1:], value: (.[1] | try f catch null) } | select(.value != null))
            | from_entries;
        of("json"; fromjson) as $json
        | of("udev"; properties) as $udev
        | of("smart"; fromjson) as $smart
        | {
            version: 1,
            agent: ({ version: $version, firmware: $firmware, secureBoot: $secure, bootInterface: $boot,
                bootedSeconds: $up, bootId: $bootid, kernel: $kernel }
              + ($machineid | lines | if length > 0 then { machineId: .[0] } else {} end)
              + ($hostname | lines | if length > 0
                  then { existing: { machineId: ($machineid | lines | .[0]), hostName: .[0] } } else {} end)
              + ($problems | lines | if length > 0 then { problems: . } else {} end)),
            ssh: { hostKeys: ($hostkeys | lines | map(split(" ")[:2] | join(" "))) },
            raw: ($json + of("text"; text)
              + (if $udev == {} then {} else { udev: $udev } end)
              + (if $smart == {} then {} else { smart: $smart } end))
          }' >"$document"
}

# --- The appliance -------------------------------------------------------------------------------

# send METHOD PATH TYPE FILE: prints the HTTP status (000 where there was no answer); the answer is in state/answer.
send() {
    : >"$state/answer"
    curl --silent --request "$1" --header "@$state/headers" --header "Content-Type: $3" --header 'Expect:' \
        --connect-timeout 10 --max-time 120 --upload-file "$4" --output "$state/answer" --write-out '%{http_code}' \
        "$url/agent/v1/$2" 2>/dev/null
    return 0
}

# headers: the token does not belong on a command line.
headers() {
    if [ -s "$token" ]; then
        printf 'Authorization: Bearer %s\n' "$(cat "$token")" >"$state/headers"
    else
        : >"$state/headers"
    fi
}

# upload NAME FILE: a log, once; the appliance can ask again.
upload() {
    send PUT "logs/$1" text/plain "$2" >/dev/null
}

upload_named() {
    case $1 in
        dmesg)
            dmesg >"$state/upload" 2>/dev/null
            upload dmesg "$state/upload"
            ;;
        boot | sshd | agent)
            [ -r "/var/log/kindling/$1.log" ] && upload "$1" "/var/log/kindling/$1.log"
            ;;
    esac
}

# report: makes the document and posts it until the appliance has it.
report() {
    until discover "$state/report.json"; do
        say "the discovery document could not be made; trying again in $longest_delay s"
        sleep "$longest_delay"
    done
    delay=1
    while :; do
        status=$(send POST report application/json "$state/report.json")
        case $status in
            2*) break ;;
            000) say "no answer from $url; trying again in $delay s" ;;
            *) say "$url answered $status to the report: $(head -c 200 "$state/answer" | tr -cd '[:print:]')" ;;
        esac
        sleep "$delay"
        delay=$((delay * 2))
        [ "$delay" -le "$longest_delay" ] || delay=$longest_delay
    done
    : >"$state/reported"
    say "reported to $url${boot:+ as $boot}; waiting for what to do"
    if [ -s "$facts/problems" ]; then
        say "without some facts: $(tr '\n' ';' <"$facts/problems")"
        upload_named dmesg
    fi
}

# What makes a new report worth while: disks and neighbours (LLDP tells them up to half a minute after the links).
fingerprint() {
    timeout 10 lsblk -dnbro TYPE,KNAME,SIZE,SERIAL,WWN 2>/dev/null | grep '^disk '
    timeout 10 lldpctl -f keyvalue 2>/dev/null | grep -E '\.(chassis\.mac|port\.ifname|port\.local|port\.mac)='
}

stay() {
    read -r boot_id </proc/sys/kernel/random/boot_id
    seen=$(fingerprint)
    beat=0
    while :; do
        sleep "$alive_seconds"
        beat=$((beat + 1))
        read -r up _ </proc/uptime
        printf '{"boot":"%s","uptime":%s,"bootId":"%s"}\n' "$boot" "$up" "$boot_id" >"$state/alive.json"
        status=$(send POST alive application/json "$state/alive.json")
        wanted=
        case $status in
            2*)
                if [ -s "$state/answer" ]; then
                    wanted=$(jq -r 'if .report == true then "report" else empty end,
                        (.logs // [] | .[] | select(type == "string") | "log-" + .)' "$state/answer" 2>/dev/null)
                fi
                ;;
            # The appliance no longer knows this machine.
            404 | 409 | 410) wanted=report ;;
            *) say "no answer from $url to a sign of life ($status)" ;;
        esac
        if [ $((beat % watch_every)) = 0 ]; then
            now=$(fingerprint)
            if [ "$now" != "$seen" ]; then
                seen=$now
                wanted="$wanted report"
            fi
        fi
        again=no
        for want in $wanted; do
            case $want in
                report) again=yes ;;
                log-*) upload_named "${want#log-}" ;;
            esac
        done
        [ "$again" = no ] || report
    done
}

# --- A machine that has its own operating system ---------------------------------------------------

settings=/etc/kindling
program=/usr/local/sbin/kindling-agent

refuse() {
    echo "kindling-agent: $*" >&2
    exit 1
}

# join URL KEY: reports with the join token and keeps what the appliance gives for it.
join() {
    url=$1
    appliance_key=$2
    [ "$(id -u)" = 0 ] || refuse "run this as root"
    [ -d /run/systemd/system ] || refuse "this system does not run systemd"
    for tool in curl jq sudo useradd lsblk ip hostname; do
        command -v "$tool" >/dev/null || refuse "$tool is missing; Debian: apt-get install curl jq sudo passwd util-linux iproute2 hostname"
    done
    [ -n "${KINDLING_JOIN:-}" ] || refuse "set KINDLING_JOIN to the join token; \`kindling node join-token\` makes one"
    ls /etc/ssh/ssh_host_*_key.pub >/dev/null 2>&1 || refuse "there is no SSH server with host keys here; Debian: apt-get install openssh-server"
    discover "$state/report.json" || refuse "the discovery document could not be made"
    printf 'Authorization: Bearer %s\n' "$KINDLING_JOIN" >"$state/headers"
    status=$(send POST join application/json "$state/report.json")
    case $status in
        2*) ;;
        000) refuse "no answer from $url" ;;
        *) refuse "$url answered $status: $(jq -r '[.id, .title, .detail, .cure] | map(strings) | join(" ")' "$state/answer" 2>/dev/null | tr -cd '[:print:]')" ;;
    esac
    jq -e -r '.token | strings' "$state/answer" >"$state/token" || refuse "$url gave no token"

    id kindling >/dev/null 2>&1 || useradd --create-home --shell /bin/bash kindling || refuse "the user kindling could not be made"
    home=$(getent passwd kindling | cut -d: -f6)
    install -d -m 0700 -o kindling -g kindling "$home/.ssh"
    if ! grep -qxF "$appliance_key" "$home/.ssh/authorized_keys" 2>/dev/null; then
        printf '%s\n' "$appliance_key" >>"$home/.ssh/authorized_keys"
    fi
    chown kindling: "$home/.ssh/authorized_keys"
    chmod 0600 "$home/.ssh/authorized_keys"
    printf 'kindling ALL=(ALL:ALL) NOPASSWD: ALL\n' >/etc/sudoers.d/kindling
    chmod 0440 /etc/sudoers.d/kindling

    install -d -m 0700 "$settings"
    install -m 0600 "$state/token" "$settings/token"
    printf '%s\n' "$url" >"$settings/url"
    [ "$(readlink -f "$0")" = "$program" ] || install -m 0755 "$0" "$program"
    cat >/etc/systemd/system/kindling-agent.service <<EOF
[Unit]
Description=Tells the Kindling appliance that this machine is alive
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=$program --member
Restart=always
RestartSec=10

[Install]
WantedBy=multi-user.target
EOF
    systemctl daemon-reload
    systemctl enable --quiet kindling-agent.service
    systemctl restart kindling-agent.service || refuse "the agent did not start"
    echo "joined $url as $(jq -r '.name | strings' "$state/answer" | tr -cd '[:print:]')"
}

mkdir -p "$state"
case ${1:-} in
    --print-member)
        member=yes
        discover "$state/report.json" && cat "$state/report.json"
        exit
        ;;
    --print)
        discover "$state/report.json" && cat "$state/report.json"
        exit
        ;;
    --join)
        [ $# -eq 3 ] || refuse "usage: $0 --join URL KEY"
        member=yes
        boot=
        join "$2" "$3"
        exit
        ;;
    --member)
        member=yes
        boot=
        url=$(cat "$settings/url")
        ;;
    '') ;;
    *)
        echo "usage: $0 [--print | --print-member | --join URL KEY | --member]" >&2
        exit 2
        ;;
esac
if [ -z "$url" ]; then
    say "no appliance: kindling.url= or KINDLING_URL is missing"
    exit 1
fi
headers
report
stay
