# shellcheck shell=sh
# Common to the bootstrap's scripts.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH LC_ALL=C.UTF-8
# shellcheck disable=SC2034 # for those that read this file in
state=/run/kindling

# say TEXT: on both consoles and in the log. A console that is not there must not stop anything.
say() {
    up=$(cut -d' ' -f1 /proc/uptime)
    line="kindling [$up] $*"
    for console in /dev/tty0 /dev/ttyS0; do
        [ -c "$console" ] && { printf '%s\r\n' "$line" >"$console"; } 2>/dev/null
    done
    printf '%s\n' "$line" >>/var/log/kindling/boot.log
}

# say_once KEY TEXT: the same, but only where the text is not what was last said for KEY.
say_once() {
    key=$state/said.$1
    shift
    if [ "$(cat "$key" 2>/dev/null)" != "$*" ]; then
        printf '%s' "$*" >"$key"
        say "$*"
    fi
}

# argument NAME: the value of a kernel argument, empty where it is absent. The last one wins.
argument() {
    tr ' ' '\n' </proc/cmdline | sed -n "s/^$1=//p" | tail -n 1
}

# Names of all Ethernet interfaces that stand for a device and have got their final name from udev.
nics() {
    for nic in /sys/class/net/*; do
        [ -e "$nic/device" ] && read -r type 2>/dev/null <"$nic/type" && [ "$type" = 1 ] &&
            read -r index 2>/dev/null <"$nic/ifindex" && [ -e "/run/udev/data/n$index" ] && echo "${nic##*/}"
    done
    return 0
}
