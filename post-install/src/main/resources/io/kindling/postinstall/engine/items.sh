#!/bin/sh
# What a task's items call, one after another, as root. Before it stand MODE (`check`: only look;
# `apply`: make it so) and for each action N the functions probe_N and apply_N. Each item says
# `KINDLING-STATE N WORD TEXT`: ok, differs (in check mode), waits, changed, failed.
# shellcheck disable=SC2154

state() {
  printf 'KINDLING-STATE %s %s %s\n' "$1" "$2" "$3"
}

# failed N TEXT: the end of the task.
failed() {
  state "$1" failed "$2"
  exit 1
}

# Logs a command and runs it.
run() {
  printf '+ %s\n' "$*"
  "$@" </dev/null
}

last_line() {
  printf '%s\n' "$1" | sed '/^[[:space:]]*$/d' | tail -n 1
}

# file_state PATH OWNER GROUP MODE SHA256: what is not as planned; nothing where all is.
file_state() {
  if [ -L "$1" ]; then echo "is a link"; return; fi
  if [ ! -e "$1" ]; then echo "is missing"; return; fi
  if [ ! -f "$1" ]; then echo "is no file"; return; fi
  sum=$(sha256sum <"$1")
  if [ "${sum%% *}" != "$5" ]; then echo "has other content"; return; fi
  is=$(stat -c '%U:%G %04a' "$1")
  [ "$is" = "$2:$3 $4" ] || echo "is $is, planned is $2:$3 $4"
}

# managed_file N SHOW PATH OWNER GROUP MODE SHA256 CONTENT
managed_file() {
  why=$(file_state "$3" "$4" "$5" "$6" "$7")
  if [ -z "$why" ]; then state "$1" ok ""; return; fi
  if [ "$MODE" = check ]; then
    if [ "$2" = 1 ] && [ -f "$3" ]; then
      head -c 65536 "$3" | base64 | sed "s/^/KINDLING-PRESENT $1 /"
    fi
    state "$1" differs "$why"
    return
  fi
  if [ -d "$3" ] && [ ! -L "$3" ]; then failed "$1" "$3 is a folder"; fi
  folder=${3%/*}
  mkdir -p "${folder:-/}" || failed "$1" "${folder:-/} cannot be made"
  new=$3.kindling-new
  rm -f "$new"
  if ! (
    umask 077
    # Through cat, which says why a write failed ("No space left on device"); dash's printf does not.
    printf '%s' "$8" | cat >"$new" && chown "$4:$5" "$new" && chmod "$6" "$new" && sync "$new" &&
      mv -fT "$new" "$3"
  ); then
    rm -f "$new"
    failed "$1" "$3 cannot be written"
  fi
  after=$(file_state "$3" "$4" "$5" "$6" "$7")
  [ -z "$after" ] || failed "$1" "not-as-planned: $3 $after"
  state "$1" changed "$why"
}

folder_state() {
  if [ -L "$1" ]; then echo "is a link"; return; fi
  if [ ! -e "$1" ]; then echo "is missing"; return; fi
  if [ ! -d "$1" ]; then echo "is no folder"; return; fi
  is=$(stat -c '%U:%G %04a' "$1")
  [ "$is" = "$2:$3 $4" ] || echo "is $is, planned is $2:$3 $4"
}

# folder N PATH OWNER GROUP MODE
folder() {
  why=$(folder_state "$2" "$3" "$4" "$5")
  if [ -z "$why" ]; then state "$1" ok ""; return; fi
  if [ "$MODE" = check ]; then state "$1" differs "$why"; return; fi
  install -d -o "$3" -g "$4" -m "$5" "$2" || failed "$1" "$2 cannot be made"
  after=$(folder_state "$2" "$3" "$4" "$5")
  [ -z "$after" ] || failed "$1" "not-as-planned: $2 $after"
  state "$1" changed "$why"
}

# absent N PATH
absent() {
  if [ ! -e "$2" ] && [ ! -L "$2" ]; then state "$1" ok ""; return; fi
  if [ "$MODE" = check ]; then state "$1" differs "is there"; return; fi
  rm -f "$2" || failed "$1" "$2 cannot be removed"
  state "$1" changed "was there"
}

# missing_packages NAME…
missing_packages() {
  for name; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] ||
      printf '%s ' "$name"
  done
}

# packages N NAME…
packages() {
  n=$1
  shift
  missing=$(missing_packages "$@")
  if [ -z "$missing" ]; then state "$n" ok ""; return; fi
  if [ "$MODE" = check ]; then state "$n" differs "not installed: $missing"; return; fi
  # No service starts before it is configured. An interrupted run may have left the file.
  if ! {
    printf '#!/bin/sh\n# kindling: no service starts while packages are installed\nexit 101\n' \
      >/usr/sbin/policy-rc.d && chmod 0755 /usr/sbin/policy-rc.d
  }; then
    failed "$n" "/usr/sbin/policy-rc.d cannot be written"
  fi
  export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true
  # What a run that was stopped left half done comes first: apt-get refuses to go on before.
  run dpkg --configure -a --force-confold --force-confdef &&
    run apt-get -qq -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 -o Acquire::http::Timeout=20 \
    -o APT::Update::Error-Mode=any update &&
    run apt-get -qq -y -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 \
      -o Acquire::http::Timeout=20 -o Dpkg::Options::=--force-confold \
      -o Dpkg::Options::=--force-confdef --no-install-recommends install "$@"
  rc=$?
  rm -f /usr/sbin/policy-rc.d
  [ "$rc" = 0 ] || failed "$n" "apt-get: exit $rc, missing: $missing"
  after=$(missing_packages "$@")
  [ -z "$after" ] || failed "$n" "not-as-planned: not installed: $after"
  state "$n" changed "not installed: $missing"
}

# unit_state NAME ENABLED RUNNING FILE…
unit_state() {
  name=$1 enabled=$2 running=$3
  shift 3
  case $(systemctl is-enabled "$name" 2>/dev/null) in
    enabled | enabled-runtime | static | alias | generated | indirect | linked) is=1 ;;
    *) is=0 ;;
  esac
  [ "$is" = "$enabled" ] || echo "enabled: $is, planned is $enabled;"
  active=$(systemctl is-active "$name" 2>/dev/null)
  if [ "$running" = 0 ]; then
    case $active in inactive | failed) ;; *) echo "is $active;" ;; esac
    return
  fi
  if [ "$active" != active ]; then echo "is ${active:-unknown};"; return; fi
  since=$(systemctl show -P ActiveEnterTimestamp --timestamp=unix "$name")
  since=${since#@}
  for file; do
    [ -e "$file" ] || continue
    [ "$(stat -c %Y "$file")" -le "${since:-0}" ] || echo "$file is newer than its start;"
  done
  [ "$(systemctl show -P NeedDaemonReload "$name")" != yes ] || echo "its unit file was changed;"
}

# unit N NAME ENABLED RUNNING FILE…
unit() {
  n=$1
  shift
  why=$(unit_state "$@" | tr '\n' ' ')
  if [ -z "$why" ]; then state "$n" ok ""; return; fi
  if [ "$MODE" = check ]; then state "$n" differs "$why"; return; fi
  run systemctl daemon-reload
  if [ "$2" = 1 ]; then
    run systemctl --quiet enable "$1" || failed "$n" "$1 cannot be enabled"
  else
    run systemctl --quiet disable "$1" 2>/dev/null
  fi
  if [ "$3" = 1 ]; then
    systemctl reset-failed "$1" 2>/dev/null
    if ! run systemctl restart "$1"; then
      journalctl --no-pager -o cat -n 20 -u "$1"
      failed "$n" "unit-failed: $1 does not start"
    fi
  else
    run systemctl stop "$1" || failed "$n" "$1 cannot be stopped"
  fi
  after=$(unit_state "$@" | tr '\n' ' ')
  if [ -n "$after" ]; then
    journalctl --no-pager -o cat -n 20 -u "$1"
    failed "$n" "unit-failed: $1 $after"
  fi
  state "$n" changed "$why"
}

# action N
action() {
  said=$("probe_$1" 2>&1)
  rc=$?
  why=$(last_line "$said")
  if [ "$rc" = 0 ]; then state "$1" ok ""; return; fi
  if [ "$MODE" = check ]; then state "$1" differs "$why"; return; fi
  if [ "$rc" != 1 ]; then
    printf '%s\n' "$said"
    failed "$1" "exit $rc"
  fi
  "apply_$1"
  rc=$?
  [ "$rc" = 0 ] || failed "$1" "exit $rc"
  said=$("probe_$1" 2>&1)
  rc=$?
  if [ "$rc" != 0 ]; then
    printf '%s\n' "$said"
    [ "$rc" = 1 ] || failed "$1" "exit $rc"
    failed "$1" "not-as-planned: $(last_line "$said")"
  fi
  state "$1" changed "$why"
}

# gate N SECONDS
gate() {
  end=$(($(cut -d . -f 1 /proc/uptime) + $2))
  told=
  while :; do
    said=$("probe_$1" 2>&1)
    rc=$?
    why=$(last_line "$said")
    if [ "$rc" = 0 ]; then state "$1" ok ""; return; fi
    if [ "$MODE" = check ]; then state "$1" waits "$why"; return; fi
    case $rc in
      1 | 75) ;;
      *)
        printf '%s\n' "$said"
        failed "$1" "exit $rc"
        ;;
    esac
    if [ "$why" != "$told" ]; then
      printf 'waiting: %s\n' "$why"
      told=$why
    fi
    if [ "$(cut -d . -f 1 /proc/uptime)" -ge "$end" ]; then
      printf '%s\n' "$said"
      failed "$1" "gate: not within $2 s: $why"
    fi
    sleep 1
  done
}
