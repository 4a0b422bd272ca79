"""The node's interfaces, and what is changed on them for the time being."""
import array
import fcntl
import os
import socket
import struct
import subprocess


def read(path):
    try:
        with open(path) as file:
            return file.read().strip()
    except OSError:
        return ""


def mac_text(mac):
    return ":".join("%02x" % b for b in mac)


def mac_bytes(text):
    return bytes.fromhex(text.replace(":", ""))


def permanent(name, sock):
    """ETHTOOL_GPERMADDR; empty where there is none."""
    command = array.array("B", struct.pack("II", 0x20, 32) + b"\x00" * 32)
    try:
        fcntl.ioctl(sock, 0x8946, struct.pack("16sP", name.encode(), command.buffer_info()[0]))
    except OSError:
        return ""
    found = bytes(command[8:14])
    return mac_text(found) if any(found) else ""


def interfaces():
    """Name → hardware addresses, the permanent one first."""
    found = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for name in sorted(os.listdir("/sys/class/net")):
            address = read("/sys/class/net/%s/address" % name)
            if len(address) == 17 and address != "00:00:00:00:00:00":
                found[name] = [m for m in (permanent(name, sock), address) if m]
    return found


def device_of(lane, found):
    """The device that carries the lane: by name, or by the NIC's address; a bond in the NIC's stead."""
    name = lane.get("device")
    if not name:
        own = [n for n, macs in found.items() if macs[0] == lane["mac"]]
        own = own or [n for n, macs in found.items() if lane["mac"] in macs]
        # What is made of other devices has their address too.
        own.sort(key=lambda n: not os.path.exists("/sys/class/net/%s/device" % n))
        name = own[0] if own else None
    if name not in found:
        return None
    master = os.path.realpath("/sys/class/net/%s/master" % name)
    if os.path.isdir(master + "/bonding"):
        return os.path.basename(master)
    return name


class Changes:
    """Interfaces set up or given a larger MTU, and who puts that back."""

    GUARDIAN = """trap '' HUP INT TERM PIPE
cat >/dev/null
while [ $# -ge 3 ]; do
  [ "$2" = - ] || ip link set dev "$1" mtu "$2"
  [ "$3" = up ] || ip link set dev "$1" down
  shift 3
done"""

    def __init__(self, wanted, allowed):
        words, orders = [], []
        for name, mtu in wanted.items():
            up = int(read("/sys/class/net/%s/flags" % name) or "0", 16) & 1
            now = int(read("/sys/class/net/%s/mtu" % name) or 0)
            if allowed and (not up or now < mtu):
                words += [name, str(now) if now < mtu else "-", "up" if up else "down"]
                orders += [[name, "mtu", str(mtu)]] if now < mtu else []
                orders += [] if up else [[name, "up"]]
        self.guardian = None
        if words:
            end, self.hold = os.pipe()
            self.guardian = subprocess.Popen(
                ["sh", "-c", self.GUARDIAN, "net-guardian"] + words,
                stdin=end, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
            os.close(end)
            for order in orders:
                # Where the driver refuses, the lane's MTU says so.
                subprocess.run(
                    ["ip", "link", "set", "dev"] + order, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def back(self):
        if self.guardian:
            os.close(self.hold)
            self.guardian.wait()


