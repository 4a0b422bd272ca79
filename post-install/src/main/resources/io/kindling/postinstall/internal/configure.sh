# Makes the unpacked image this node: name, network, time, the one user who may log in, own keys.
#   USER_, KEY      the user and the appliance's public key
#   NODE, ATTEMPT   who this is
# write_files, generated before this, writes the plan's files. Needs lib.sh before it.
# shellcheck shell=sh disable=SC2154

main() {
  activate
  mount_target
  enter_target
  write_files
  machine
  user
  host_keys
  services
  check
  write 0644 /etc/kindling/node "node=$NODE
attempt=$ATTEMPT
"
  leave_target
  sync
  result hostKey "$(cut -d ' ' -f 1,2 "$TARGET/etc/ssh/ssh_host_ed25519_key.pub")"
}

# True where an earlier run of this attempt got that far; the image itself never holds the mark.
made() {
  [ "$(cat "$TARGET/etc/kindling/made-$1" 2>/dev/null)" = "$NODE $ATTEMPT" ]
}

mark() {
  write 0644 "/etc/kindling/made-$1" "$NODE $ATTEMPT
"
}

# Random: systemd would take it from the firmware's UUID, which machines may share.
machine() {
  made machine-id && return
  read -r id </proc/sys/kernel/random/uuid
  write 0444 /etc/machine-id "$(printf '%s' "$id" | tr -d -)
"
  rm -f "$TARGET/var/lib/dbus/machine-id" "$TARGET/var/lib/systemd/random-seed"
  mark machine-id
}

user() {
  if ! in_target id "$USER_" >/dev/null 2>&1; then
    in_target useradd --create-home --user-group --shell /bin/bash "$USER_" ||
      fail INS-040 "user $USER_ cannot be made"
  fi
  # No password at all: `*` matches none, and unlike `!` it is not a locked account.
  in_target usermod --password '*' "$USER_" || fail INS-040 "user $USER_ cannot be changed"
  in_target usermod --password '!' root || fail INS-040 "root cannot be locked"
  home=$(in_target getent passwd "$USER_" | cut -d : -f 6)
  [ -n "$home" ] || fail INS-040 "user $USER_ has no home"
  in_target install -d -m 0700 -o "$USER_" -g "$USER_" "$home/.ssh" ||
    fail INS-040 "$home/.ssh cannot be made"
  write 0600 "$home/.ssh/authorized_keys" "$KEY
"
  in_target chown "$USER_:" "$home/.ssh/authorized_keys" || fail INS-040 "authorized_keys"
  write 0440 /etc/sudoers.d/kindling "$USER_ ALL=(ALL:ALL) NOPASSWD: ALL
"
}

host_keys() {
  if ! made host-key; then
    rm -f "$TARGET"/etc/ssh/ssh_host_*
    in_target ssh-keygen -q -t ed25519 -N '' -C "$NODE" -f /etc/ssh/ssh_host_ed25519_key ||
      fail INS-040 "no host key could be made"
    mark host-key
  fi
}

services() {
  in_target systemctl --quiet enable ssh.service systemd-networkd.service chrony.service ||
    fail INS-040 "services cannot be enabled"
}

check() {
  mkdir -p /run/sshd # /run is the target's too
  in_target visudo -c -q || fail INS-040 "sudo refuses /etc/sudoers.d/kindling"
  in_target sshd -t || fail INS-040 "sshd refuses its configuration"
}

main "$@" </dev/null
