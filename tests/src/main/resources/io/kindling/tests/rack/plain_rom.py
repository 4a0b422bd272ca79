"""Starts QEMU with one NIC behind a cable on which iPXE's option ROM does not tell that it is iPXE.

usage: plain_rom.py TAP DIRECTORY QEMU-COMMAND…

QEMU's only PXE ROM is iPXE's, which says so in DHCP options 77 (user class) and 175. A vendor's ROM says nothing of the
kind and is given undionly.kpxe, which runs on the ROM's UNDI. Here both options become pad options (RFC 2132 §3.1) until
the ROM has asked TFTP for that loader; from then on frames pass as they are. QEMU's `-netdev dgram` sends a frame per
datagram to DIRECTORY/cable.sock and takes frames at DIRECTORY/nic.sock.
"""

import ctypes
import fcntl
import os
import selectors
import signal
import socket
import struct
import sys

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
PR_SET_PDEATHSIG = 1
TFTP, DHCP, PROXY_DHCP = 69, 67, 4011
MASKED = (77, 175)
OPTIONS = 8 + 240  # UDP's header, BOOTP's fields and the magic cookie
LONGEST_FRAME = 65536


def udp(frame):
    """The offset of the frame's UDP header and its destination port; None where it is something else."""
    if len(frame) < 42 or frame[12:14] != b"\x08\x00" or frame[23] != socket.IPPROTO_UDP:
        return None
    at = 14 + (frame[14] & 0x0F) * 4
    return at, struct.unpack_from("!H", frame, at + 2)[0]


def mask(frame, at):
    end = at + OPTIONS
    while end < len(frame) and frame[end] != 255:
        if frame[end] == 0:
            end += 1
            continue
        following = end + 2 + frame[end + 1]
        if frame[end] in MASKED:
            frame[end:following] = bytes(following - end)
        end = following
    frame[at + 6 : at + 8] = b"\0\0"  # no checksum (RFC 768)


def relay(tap_name, directory):
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    tap = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH", tap_name.encode(), IFF_TAP | IFF_NO_PI))
    cable = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    cable.bind(directory + "/cable.sock")
    nic = directory + "/nic.sock"
    print("cable ready", flush=True)
    rom = True
    ready = selectors.DefaultSelector()
    ready.register(tap, selectors.EVENT_READ)
    ready.register(cable, selectors.EVENT_READ)
    while True:
        for key, _ in ready.select():
            if key.fileobj is cable:
                frame = bytearray(cable.recv(LONGEST_FRAME))
                place = udp(frame)
                if rom and place and place[1] in (DHCP, PROXY_DHCP):
                    mask(frame, place[0])
                elif rom and place and place[1] == TFTP and b"undionly" in frame:
                    rom = False
                os.write(tap, frame)
            else:
                frame = os.read(tap, LONGEST_FRAME)
                try:
                    cable.sendto(frame, nic)
                except (FileNotFoundError, ConnectionRefusedError):
                    pass  # QEMU has not opened its end yet: a cable that is not plugged in


def main():
    tap_name, directory, command = sys.argv[1], sys.argv[2], sys.argv[3:]
    for name in ("cable.sock", "nic.sock"):
        if os.path.exists(directory + "/" + name):
            os.unlink(directory + "/" + name)
    told, tell = os.pipe()
    if os.fork() == 0:
        os.dup2(tell, 1)
        relay(tap_name, directory)
    os.close(tell)
    if not os.read(told, 64).startswith(b"cable ready"):
        sys.exit("plain_rom.py: the cable at " + tap_name + " could not be laid")
    os.execvp(command[0], command)


main()
