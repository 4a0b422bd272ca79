"""The frames that net-probe.py writes and reads. Pure."""
import struct

BROADCAST = b"\xff" * 6
NOBODY = b"\x00" * 4
MAGIC = b"KINDLING-NET"


def checksum(data):
    if len(data) % 2:
        data += b"\x00"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def ip_packet(protocol, source, target, payload):
    """IPv4 with do-not-fragment."""
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1, 0x4000, 64, protocol, 0, source, target)
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + payload


def udp(source, target, port_from, port_to, data):
    # Without checksum (RFC 768).
    return ip_packet(17, source, target, struct.pack("!HHHH", port_from, port_to, 8 + len(data), 0) + data)


def arp(operation, mac, sender, target_mac, target):
    return struct.pack("!HHBBH6s4s6s4s", 1, 0x800, 6, 4, operation, mac, sender, target_mac, target)


def echo(run, source, target, lane, kind, size):
    """An ICMP echo request of `size` bytes with its IP header; the payload says which lane it is from."""
    body = MAGIC + run + struct.pack("!HI", ord(kind), lane)
    body = body.ljust(size - 28, b"\x00")
    head = struct.pack("!BBHHH", 8, 0, 0, 0x4B4E, lane & 0xFFFF)
    head = struct.pack("!BBHHH", 8, 0, checksum(head + body), 0x4B4E, lane & 0xFFFF)
    return ip_packet(1, source, target, head + body)


def discover(xid, mac):
    """RFC 2131: DISCOVER with the broadcast flag, so that every port hears the offers."""
    head = struct.pack("!BBBB4sHH16s", 1, 1, 6, 0, xid, 0, 0x8000, b"\x00" * 16) + mac.ljust(16, b"\x00")
    options = b"\x63\x82\x53\x63\x35\x01\x01\x3d\x07\x01" + mac + b"\x37\x04\x01\x03\x06\x33\xff"
    return udp(NOBODY, BROADCAST[:4], 68, 67, head + b"\x00" * 192 + options.ljust(64, b"\x00"))


def dns_query(number, name, kind):
    labels = [p for p in name.split(".") if p]
    question = b"".join(bytes([len(p)]) + p.encode() for p in labels) + b"\x00"
    return struct.pack("!HHHHHH", number, 0x0100, 1, 0, 0, 0) + question + struct.pack("!HH", kind, 1)


def dns_address(answer):
    """The first A record of an answer to one question."""
    at = 12
    while answer[at]:
        at += answer[at] + 1
    at += 5
    for _ in range(struct.unpack("!H", answer[6:8])[0]):
        while answer[at] and answer[at] < 0xC0:
            at += answer[at] + 1
        at += 2 if answer[at] >= 0xC0 else 1
        kind, _, _, length = struct.unpack("!HHIH", answer[at:at + 10])
        if kind == 1 and length == 4:
            return answer[at + 10:at + 14]
        at += 10 + length
    return None


def packet_filter():
    """ARP, ICMP, and UDP from the ports 67, 53 and 123; else a busy node would drown in its own traffic."""
    code = [
        (0x28, 0, 0, 12), (0x15, 9, 0, 0x806), (0x15, 0, 9, 0x800),
        (0x30, 0, 0, 23), (0x15, 6, 0, 1), (0x15, 0, 6, 17),
        (0xB1, 0, 0, 14), (0x48, 0, 0, 14),
        (0x15, 2, 0, 67), (0x15, 1, 0, 53), (0x15, 0, 1, 123),
        (0x06, 0, 0, 0x40000), (0x06, 0, 0, 0)]
    return b"".join(struct.pack("HBBI", *step) for step in code), len(code)


