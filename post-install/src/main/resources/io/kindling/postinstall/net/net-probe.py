"""Probes the networks of a node at layer 2; the plan (JSON in base64) comes on file descriptor 4.

Everything is said and heard by packet sockets, with VLAN tags and planned addresses in the frames: no interface,
address or route is made. Stands behind net-frames.py and net-devices.py.

Prints `KINDLING-NET ready PID`, waits for SIGUSR1, probes, and prints what it heard (NetAnswer reads it).
"""
import array
import base64
import json
import os
import select
import signal
import socket
import struct
import sys
import time

SOL_PACKET, ADD_MEMBERSHIP, AUXDATA, IGNORE_OUTGOING, PROMISC = 263, 1, 8, 23, 1
SO_ATTACH_FILTER = 26
ROUND, ARP_ROUNDS = 0.4, 3
# After the last round it listens and answers on, for those that began some seconds later.
LATE_ROUNDS = 5
# Frames between two looks at the sockets, so that no receive buffer overflows.
BURST = 24


def say(*words):
    print("KINDLING-NET", *words, flush=True)


def listen(name):
    """A packet socket on the interface that hears everything there is for any address."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    code, steps = packet_filter()
    buffer = array.array("B", code)
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HP", steps, buffer.buffer_info()[0]))
    sock.setsockopt(SOL_PACKET, AUXDATA, 1)
    sock.setsockopt(SOL_PACKET, IGNORE_OUTGOING, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    index = socket.if_nametoindex(name)
    sock.setsockopt(SOL_PACKET, ADD_MEMBERSHIP, struct.pack("IHH8s", index, PROMISC, 0, b""))
    sock.bind((name, 3))
    sock.setblocking(False)
    return sock


class Lane:
    """A network on an interface: what is planned for it, and what was heard on it."""

    def __init__(self, plan, device, mac):
        self.id, self.vlan, self.device, self.mac = plan["id"], plan["vlan"], device, mac
        self.ip = socket.inet_aton(plan["ip"])
        self.mtu = plan["mtu"]
        self.mask = 0xFFFFFFFF << (32 - plan["prefix"]) & 0xFFFFFFFF
        self.default, self.asks_dhcp = plan["default"], plan["dhcp"]
        self.gateway = socket.inet_aton(plan["gateway"]) if plan["gateway"] else None
        self.vips = [socket.inet_aton(vip) for vip in plan["vips"]]
        self.guest = b"\x02" + os.urandom(5)
        self.peers, self.heard, self.sent = {}, {}, {}
        self.neighbours, self.conflict = {}, False

    def on_link(self, ip):
        mine, other = struct.unpack("!I", self.ip)[0], struct.unpack("!I", ip)[0]
        return mine & self.mask == other & self.mask


class Target:
    """A DNS or time server that is asked from a lane."""

    def __init__(self, kind, ip, lane):
        self.kind, self.ip, self.lane, self.answer = kind, ip, lane, None
        self.number = struct.unpack("!H", os.urandom(2))[0]


class Probe:
    def __init__(self, plan):
        self.plan, self.run = plan, bytes.fromhex(plan["run"])
        self.told, self.targets, self.names = set(), [], list(plan["ntpNames"])
        found = interfaces()
        devices = {lane["id"]: device_of(lane, found) for lane in plan["lanes"]}
        wanted = {}
        for lane in plan["lanes"]:
            device = devices[lane["id"]]
            if device:
                wanted[device] = max(wanted.get(device, 0), lane["mtu"])
        self.changes = Changes(wanted, plan["change"])
        try:
            self.lanes = []
            for macs in found.values():
                for mac in macs:
                    self.tell("mac", mac)
            self.wait_for_links(wanted)
            for lane in plan["lanes"]:
                device = devices[lane["id"]]
                if device is None:
                    self.tell("lane", lane["id"], "-", "-", 0, 0)
                    continue
                mac = read("/sys/class/net/%s/address" % device)
                link, mtu = read("/sys/class/net/%s/carrier" % device), read("/sys/class/net/%s/mtu" % device)
                self.tell("lane", lane["id"], device, mac, 1 if link == "1" else 0, mtu)
                self.lanes.append(Lane(lane, device, mac_bytes(mac)))
            for device in wanted:
                self.bond(device)
            self.sockets = {device: listen(device) for device in wanted}
        except BaseException:
            self.changes.back()
            raise

    def tell(self, *words):
        if words not in self.told:
            self.told.add(words)
            say(*words)

    @staticmethod
    def wait_for_links(devices):
        end = time.monotonic() + 8
        while time.monotonic() < end and any(read("/sys/class/net/%s/carrier" % d) != "1" for d in devices):
            time.sleep(0.1)

    def bond(self, device):
        """What the kernel says of a bond's members: link, and the address of the partner in LACP."""
        member, mode, state = None, "", {}
        for line in read("/proc/net/bonding/" + device).splitlines():
            key, _, value = (p.strip() for p in line.partition(":"))
            if key == "Bonding Mode":
                mode = "lacp" if "802.3ad" in value else "other"
            elif key == "Slave Interface":
                member = value
                state[member] = ["-", "-"]
            elif member and key == "MII Status":
                state[member][0] = value
            elif member and key == "system mac address" and "partner" in state[member]:
                state[member][1] = value
                state[member].remove("partner")
            elif member and key == "details partner lacp pdu":
                state[member].append("partner")
        for name, (link, partner, *_) in state.items():
            self.tell("member", device, name, mode, link, partner)

    def send(self, lane, target, kind, payload, source=None):
        tag = struct.pack("!HH", 0x8100, lane.vlan) if lane.vlan else b""
        frame = target + (source or lane.mac) + tag + struct.pack("!H", kind) + payload
        try:
            self.sockets[lane.device].send(frame)
        except OSError as error:
            self.tell("unsent", lane.id, error.strerror.replace(" ", "-"))

    def hear(self, seconds):
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            ready = select.select(list(self.sockets.values()), [], [], max(0, left))[0]
            for device, sock in self.sockets.items():
                if sock in ready:
                    self.drain(device, sock)
            if time.monotonic() >= end:
                return

    def drain(self, device, sock):
        for _ in range(256):
            try:
                frame, parts, _, _ = sock.recvmsg(16384, 64)
            except OSError:
                return
            vlan = 0
            for level, kind, data in parts:
                if level == SOL_PACKET and kind == AUXDATA and len(data) >= 20:
                    status, _, _, _, _, tci, _ = struct.unpack("IIIHHHH", data[:20])
                    vlan = tci & 0xFFF if status & 0x10 else 0
            try:
                self.take(device, vlan, frame)
            except (struct.error, IndexError):
                continue  # shorter than its kind must be

    def take(self, device, vlan, frame):
        lane = next((l for l in self.lanes if l.device == device and l.vlan == vlan), None)
        source, kind, payload = frame[6:12], frame[12:14], frame[14:]
        if kind == b"\x08\x06":
            if lane:
                self.take_arp(lane, payload)
            return
        size = (payload[0] & 15) * 4
        whole, sender, body = struct.unpack("!H", payload[2:4])[0], payload[12:16], payload[size:]
        if payload[9] == 1:
            if body[0] == 8 and body[8:].startswith(MAGIC + self.run):
                mark, peer = struct.unpack("!HI", body[8 + len(MAGIC + self.run):][:6])
                if lane:
                    # A large one counts when all of it came.
                    if len(payload) >= whole:
                        lane.heard.setdefault(peer, set()).add(chr(mark))
                    if chr(mark) == "b":
                        lane.peers[peer] = (source, sender)
        elif lane:
            port_from, port_to = struct.unpack("!HH", body[:4])
            if port_from == 67 and port_to == 68:
                self.take_offer(lane, source, sender, body[8:])
            elif port_from in (53, 123) and payload[16:20] == lane.ip:
                self.take_answer(lane, port_from, sender, body[8:])

    def take_arp(self, lane, payload):
        _, _, _, _, operation, mac, sender, _, target = struct.unpack("!HHBBH6s4s6s4s", payload[:28])
        if sender != NOBODY:
            lane.neighbours[sender] = mac
            self.tell("claim", lane.id, socket.inet_ntoa(sender), mac_text(mac))
        elif target == lane.ip and mac != lane.mac:
            self.tell("claim", lane.id, socket.inet_ntoa(target), mac_text(mac))
        if lane.ip in (sender, target if sender == NOBODY else None) and mac != lane.mac:
            lane.conflict = True
        if operation == 1 and target == lane.ip and sender != NOBODY and not lane.conflict:
            self.send(lane, mac, 0x806, arp(2, lane.mac, lane.ip, mac, sender))

    def take_offer(self, lane, mac, sender, message):
        if message[4:8] != self.run or message[236:240] != b"\x63\x82\x53\x63":
            return
        options, at = {}, 240
        while at + 1 < len(message) and message[at] != 255:
            if message[at] == 0:
                at += 1
                continue
            options[message[at]] = message[at + 2:at + 2 + message[at + 1]]
            at += 2 + message[at + 1]
        if options.get(53) == b"\x02":
            server = options.get(54, sender)
            offered = socket.inet_ntoa(message[16:20])
            self.tell("offer", lane.id, socket.inet_ntoa(server[:4]), mac_text(mac), offered)

    def take_answer(self, lane, port, sender, data):
        for target in list(self.targets):
            if target.ip != sender or target.lane is not lane or target.answer is not None:
                continue
            if port == 53 and target.kind in ("dns", "name") and struct.unpack("!H", data[:2])[0] == target.number:
                target.answer = data[3] & 15
                self.resolve(target, data)
            elif port == 123 and target.kind == "ntp" and data[0] & 7 == 4:
                target.answer = data[1]

    def resolve(self, target, data):
        """The time server's name was the question."""
        if self.names:
            name = self.names[0]
            address = dns_address(data) if target.answer == 0 else None
            if address:
                self.names.pop(0)
                self.tell("name", name, socket.inet_ntoa(address))
                self.aim("ntp", address)
                if self.names:
                    self.targets.append(Target("name", target.ip, target.lane))

    def aim(self, kind, ip):
        lane = next((l for l in self.lanes if l.on_link(ip)), None)
        lane = lane or next((l for l in self.lanes if l.default and l.gateway), None)
        if lane is None:
            self.tell("server", kind, socket.inet_ntoa(ip), "-", "no-way")
        elif not any(t.kind == kind and t.ip == ip for t in self.targets):
            self.targets.append(Target(kind, ip, lane))

    def ask(self, target):
        lane = target.lane
        hop = target.ip if lane.on_link(target.ip) else lane.gateway
        mac = lane.neighbours.get(hop)
        if lane.conflict:
            return
        if mac is None:
            self.send(lane, BROADCAST, 0x806, arp(1, lane.mac, lane.ip, b"\x00" * 6, hop))
        elif target.kind in ("dns", "name"):
            name = self.names[0] if self.names else "."
            query = dns_query(target.number, name, 1 if self.names else 2)
            self.send(lane, mac, 0x800, udp(lane.ip, target.ip, 40000 + target.number % 20000, 53, query))
        else:
            query = b"\x23" + b"\x00" * 47
            self.send(lane, mac, 0x800, udp(lane.ip, target.ip, 40000 + target.number % 20000, 123, query))

    def probe(self):
        for server in self.plan["dns"]:
            self.aim("dns", socket.inet_aton(server))
        for server in self.plan["ntp"]:
            self.aim("ntp", socket.inet_aton(server))
        rounds = int(self.plan["seconds"] / ROUND)
        for number in range(rounds):
            end = time.monotonic() + ROUND
            for lane in self.lanes:
                self.first_words(lane, number)
                if number > ARP_ROUNDS and lane.gateway and not lane.conflict and number % 2:
                    self.send(lane, BROADCAST, 0x806, arp(1, lane.mac, lane.ip, b"\x00" * 6, lane.gateway))
            if number > ARP_ROUNDS:
                self.ask_servers()
            self.greet_peers()
            self.hear(max(0, end - time.monotonic()))
        for _ in range(LATE_ROUNDS):
            self.ask_servers()
            self.greet_peers()
            self.hear(ROUND)

    def ask_servers(self):
        for target in self.targets:
            if target.answer is None:
                self.ask(target)

    def first_words(self, lane, number):
        self.send(lane, BROADCAST, 0x800, echo(self.run, lane.ip, BROADCAST[:4], lane.id, "b", 64))
        if number < ARP_ROUNDS:
            for ip in [lane.ip] + lane.vips:
                # RFC 5227 §2.1.1: a probe names no sender address.
                self.send(lane, BROADCAST, 0x806, arp(1, lane.mac, NOBODY, b"\x00" * 6, ip))
        if lane.asks_dhcp and number in (0, 4):
            self.send(lane, BROADCAST, 0x800, discover(self.run, lane.guest), lane.guest)

    def greet_peers(self):
        """Each port that was heard gets a small and a large frame, three times."""
        burst = 0
        for lane in self.lanes:
            for peer, (mac, ip) in list(lane.peers.items()):
                if lane.sent.get(peer, 0) < 3:
                    lane.sent[peer] = lane.sent.get(peer, 0) + 1
                    self.send(lane, mac, 0x800, echo(self.run, lane.ip, ip, lane.id, "s", 64))
                    self.send(lane, mac, 0x800, echo(self.run, lane.ip, ip, lane.id, "l", lane.mtu))
                    burst += 1
                    if burst % BURST == 0:
                        self.hear(0)

    def report(self):
        for lane in self.lanes:
            heard = ["%d:%s" % (peer, "".join(sorted(kinds))) for peer, kinds in sorted(lane.heard.items())]
            for at in range(0, len(heard), 100):
                say("heard", lane.id, *heard[at:at + 100])
            if lane.conflict:
                say("conflict", lane.id)
        for target in [t for t in self.targets if t.kind != "name"]:
            answer = "silent" if target.answer is None else target.answer
            say("server", target.kind, socket.inet_ntoa(target.ip), target.lane.id, answer)
        for name in self.names:
            say("unresolved", name)
        say("done")


def main():
    with os.fdopen(4) as file:
        plan = json.loads(base64.b64decode(file.read()))
    go = []
    signal.signal(signal.SIGUSR1, lambda *_: go.append(True))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(int(plan["wait"] + plan["seconds"]) + 30)
    probe = Probe(plan)
    try:
        say("ready", os.getpid())
        end = time.monotonic() + plan["wait"]
        while not go:
            if time.monotonic() > end:
                say("trouble nobody said go")
                return 1
            probe.hear(0.05)
        probe.probe()
    finally:
        probe.changes.back()
    probe.report()
    return 0


sys.exit(main())
