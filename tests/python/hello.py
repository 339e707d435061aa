"""The smallest agent: `hello.py PATH` prints pid and name of each process; agent.py has all rules."""

import socket
import sys

from schema import session

TABLE = list(range(256))
for _ in range(8):
    TABLE = [entry >> 1 ^ (0x82F63B78 if entry & 1 else 0) for entry in TABLE]


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 0xFF]
    return (crc ^ 0xFFFFFFFF).to_bytes(4, "little")


def frame(**packet):
    body = session.Packet(**packet).SerializeToString()  # each of ours is shorter than 128 bytes
    covered = bytes([len(body)]) + body
    return covered + crc32c(covered)


def receive(line):
    head = line.read(1)
    while head and head[-1] & 0x80:
        head += line.read(1)
    body = line.read(sum((byte & 0x7F) << 7 * place for place, byte in enumerate(head)))
    if not body or line.read(4) != crc32c(head + body):
        sys.exit("the line was cut, or damaged")
    return session.Packet.FromString(body)


with socket.socket(socket.AF_UNIX) as sock, sock.makefile("rb") as line:
    sock.connect(sys.argv[1])
    # More credit than a list of processes needs, so that none has to be granted on the way.
    hello = {"version_min": 1, "version_max": 1, "max_frame": 65536, "credit": 1 << 30,
             "role": "ROLE_AGENT"}
    sock.sendall(frame(hello=hello) + frame(stream=1, task={"task_type": "ENUMERATE_PROCESSES"}))
    more = True
    while more:
        packet = receive(line)
        if packet.HasField("fault"):
            sys.exit(f"fault: {packet.fault.message}")
        for process in packet.result.processes:
            print(process.pid, process.name)
        more = packet.more or not packet.HasField("result")
