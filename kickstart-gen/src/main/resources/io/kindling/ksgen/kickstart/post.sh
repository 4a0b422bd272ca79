
# ---- What follows is the same for every machine ----------------------------------------------------

set -eu
umask 022

die() {
  printf 'KINDLING-ERROR %s %s\n' "$1" "$2"
  exit 1
}

# write MODE PATH: standard input, each line after a bar, becomes the whole file.
write() {
  mkdir -p "${2%/*}"
  sed 's/^|//' >"$2.kindling"
  chmod "$1" "$2.kindling"
  mv -f "$2.kindling" "$2"
}

# find_disk GUID: sets DEV to the disk with that GPT disk GUID.
find_disk() {
  DEV=''
  for sys in /sys/block/*; do
    case ${sys##*/} in ram* | zram* | md* | sr* | fd*) continue ;; esac
    name=/dev/$(printf '%s' "${sys##*/}" | tr '!' '/')
    if [ "$(sfdisk --disk-id "$name" 2>/dev/null | tr 'A-F' 'a-f')" = "$1" ]; then
      DEV=$name
      return 0
    fi
  done
  die KSG-163 "no disk has the planned table $1 any more"
}

# Firmware may call any disk first: each finds /boot by its UUID.
boot_code() {
  find_disk "$1"
  grub2-install --target=i386-pc "$DEV" || die KSG-165 "boot code cannot be installed on $DEV"
}

# The partitioning library writes whole tables: types are looked at, and set again where they were lost.
look_at() {
  find_disk "$1"
  is=$(sfdisk --part-uuid "$DEV" "$2" | tr 'A-F' 'a-f')
  [ "$is" = "$3" ] || die KSG-163 "$DEV, partition $2: expected PARTUUID $3, found $is"
  is=$(sfdisk --part-type "$DEV" "$2" | tr 'A-F' 'a-f')
  if [ "$is" != "$4" ]; then
    echo "$DEV, partition $2: GPT type $is becomes $4 again"
    sfdisk -q --no-reread --part-type "$DEV" "$2" "$4" || :
    is=$(sfdisk --part-type "$DEV" "$2" | tr 'A-F' 'a-f')
  fi
  [ "$is" = "$4" ] || die KSG-163 "$DEV, partition $2: expected GPT type $4, found $is"
}

repository() {
  printf '[kindling-%s]\nname=Kindling %s\nbaseurl=%s\nenabled=1\ngpgcheck=1\ngpgkey=%s\n\n' \
    "$1" "$1" "$2" "$KEYS" >>/etc/yum.repos.d/kindling.repo
}

# The appliance's repositories; the distribution's stay, switched off: a rack may have no way to them.
set_repositories() {
  KEYS=''
  for key in /etc/pki/rpm-gpg/RPM-GPG-KEY-*; do
    if [ -f "$key" ]; then KEYS="${KEYS:+$KEYS }file://$key"; fi
  done
  rm -f /etc/yum.repos.d/kindling.repo
  for file in /etc/yum.repos.d/*.repo; do
    if [ -f "$file" ]; then sed -i 's/^enabled *= *1/enabled=0/' "$file"; fi
  done
  repositories repository
}

ssh_access() {
  [ -s /etc/ssh/ssh_host_ed25519_key ] ||
    ssh-keygen -q -t ed25519 -N '' -C "$NODE_ID" -f /etc/ssh/ssh_host_ed25519_key ||
    die KSG-164 "no host key could be made"
  visudo -c -q || die KSG-164 "sudo refuses /etc/sudoers.d/kindling"
  sshd -t || die KSG-164 "sshd refuses its configuration"
  id "$ADMIN" >/dev/null || die KSG-164 "there is no user $ADMIN"
}

main() {
  # What the installer itself was connected by is no part of this node.
  rm -f /etc/NetworkManager/system-connections/* /etc/sysconfig/network-scripts/ifcfg-*
  files
  set_repositories
  ssh_access
  marked look_at
  if [ "$FIRMWARE" = bios ]; then boot_disks boot_code; fi
  if command -v restorecon >/dev/null; then
    restorecon -R /etc/NetworkManager /etc/ssh /etc/sudoers.d /etc/kindling /etc/yum.repos.d /etc/hosts || :
  fi
  sync
  cut -d ' ' -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub >/tmp/kindling.key
  hand_in POST installer/installed /tmp/kindling.key || die KSG-166 "the appliance takes no report"
}

main </dev/null
