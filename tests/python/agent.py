"""An agent with proto/WIRE.md as its only guide: lists processes, one JSON object a line.

It gives up after 30 s of silence, where rule 10 would have it ask whether the collector is there.
"""

import argparse
import contextlib
import json
import os
import socket
import struct
import sys

from google.protobuf.message import DecodeError

from schema import ipc, session

MAX_FRAME = 65536
STREAM = 1  # odd and rising: a second task would take 3
CRC_TABLE = list(range(256))
for _ in range(8):
    CRC_TABLE = [entry >> 1 ^ (0x82F63B78 if entry & 1 else 0) for entry in CRC_TABLE]


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 0xFF]
    return (crc ^ 0xFFFFFFFF).to_bytes(4, "little")


def varint(number):
    return bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80]) + varint(number >> 7)


def send(sock, **packet):
    body = session.Packet(**packet).SerializeToString()
    head = varint(len(body))
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # its last words first (rule 13)
        sock.sendall(head + body + crc32c(head + body))


def receive(sock):
    """A packet, and the size of its body, which is what credit counts."""
    head = exactly(sock, 1)
    while head[-1] & 0x80 and len(head) < 5:
        head += exactly(sock, 1)
    size = sum((byte & 0x7F) << 7 * place for place, byte in enumerate(head))
    if size == 0 or head != varint(size):
        refuse(sock, "MALFORMED", "a frame's length is 0 or not in its shortest form")
    if size > MAX_FRAME:
        refuse(sock, "TOO_LARGE", f"a body of {size} bytes, {MAX_FRAME} are accepted")
    body = exactly(sock, size)
    if exactly(sock, 4) != crc32c(head + body):
        refuse(sock, "CHECKSUM", "a frame's CRC-32C is wrong")
    try:
        packet = session.Packet.FromString(body)
    except DecodeError:
        refuse(sock, "MALFORMED", "a body is not a Packet")
    if packet.HasField("fault"):
        sys.exit("the collector answers a fault: " + " ".join(str(packet.fault).split()))
    if packet.HasField("ping"):
        send(sock, pong=packet.ping)
    return packet, size


def exactly(sock, count):
    data = b""
    while len(data) < count:
        data += (more := sock.recv(count - len(data)))
        if not more:
            raise ConnectionError("the line was cut")
    return data


def refuse(sock, code, text):
    send(sock, fault={"code": f"FAULT_CODE_{code}", "message": text})
    sys.exit(f"the collector breaks the protocol: {code}: {text}")


def greet(sock, credit):
    """Sends our Hello, and returns the collector's (rules 1 and 2)."""
    send(sock, hello={"version_min": 1, "version_max": 1, "max_frame": MAX_FRAME, "credit": credit,
                      "software": "python-agent", "role": session.ROLE_AGENT})
    hello = receive(sock)[0].hello  # one without a role, if the packet is no Hello
    if hello.role != session.ROLE_COLLECTOR:
        refuse(sock, "ROLE", "an agent speaks to a collector")
    if not hello.version_min <= 1 <= hello.version_max:
        refuse(sock, "VERSION", f"we speak 1 to 1, you {hello.version_min} to {hello.version_max}")
    return hello


def enumerate_processes(sock, hello, process_filter, credit, result):
    """Prints records as they come, and joins the chunks to the whole result (rules 5 and 7)."""
    task = {"task_id": "python", "process_filter": process_filter}
    if session.Packet(stream=STREAM, task=task).ByteSize() > hello.max_frame:
        sys.exit("the filter is longer than the collector's frames")
    send(sock, stream=STREAM, task=task)
    received, more = 0, True
    while more:
        packet, size = receive(sock)
        body = packet.WhichOneof("body")
        if body in (None, "ping", "pong", "go_away"):
            continue
        if body != "result" or packet.stream != STREAM:
            refuse(sock, "STREAM", f"`{body}` does not belong on stream {packet.stream}")
        for record in packet.result.processes:
            argv = list(record.command_line)
            print(json.dumps({"pid": record.pid, "name": record.name, "argv": argv}))
        result.MergeFrom(packet.result)
        received, more = received + size, packet.more
        if more:
            send(sock, stream=STREAM, credit={"total": received + credit})
    send(sock, go_away={"reason": "done", "last_stream": STREAM})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", help="the collector's socket")
    parser.add_argument("--pid", type=int, action="append", default=[])
    parser.add_argument("--name", action="append", default=[])
    parser.add_argument("--credit", type=int, default=256 * 1024, help="bytes accepted ahead")
    options = parser.parse_args()
    result = ipc.DetectionResult()
    try:
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(30)
            sock.connect(options.path)
            peer = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
            if (uid := struct.unpack("3i", peer)[1]) not in (0, os.geteuid()):
                sys.exit(f"{options.path} is served by uid {uid}, neither root nor us")
            hello = greet(sock, options.credit)
            process_filter = {"pids": options.pid, "process_names": options.name}
            enumerate_processes(sock, hello, process_filter, options.credit, result)
    except OSError as error:
        sys.exit(f"{options.path}: {error}; {len(result.processes)} records had come")
    if not result.success:
        sys.exit(f"the task failed: {result.error_message}")
    print("coverage:", " ".join(str(result.coverage).split()), file=sys.stderr)


if __name__ == "__main__":
    main()
