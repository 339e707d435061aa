"""The worked examples of WIRE.md, from protobuf's own encoder and the CRC-32C of wire.py.

Prints them; `worked_examples.py --check FILE` fails unless FILE contains them, and no other.
"""

import base64
import json
import pathlib
import struct
import sys

from google.protobuf.descriptor import FieldDescriptor

from schema import ipc, session
from wire import crc32c, frame, plain, varint

WIDTH = 16  # bytes in a line
WIDE = 32  # bytes in a line of the serial conversation

HELLO = session.Packet(
    hello={"version_min": 1, "version_max": 1, "max_frame": 65536, "credit": 262144,
           "software": "python-agent", "role": "ROLE_AGENT"},
)
TASK = session.Packet(
    stream=1,
    task={"task_id": "t-1", "task_type": "ENUMERATE_PROCESSES", "deadline_ms": 5000,
          "process_filter": {"process_names": ["cat", "sleep"], "pids": [1, 4242]}},
)
RECORD = ipc.ProcessRecord(
    pid=4242, ppid=1, name="cat", executable_path="/usr/bin/cat", command_line=["cat", "", "caf\ufffd"],
    start_time=1_700_000_000, cpu_usage=12.5, memory_usage=1_048_576, user_id="1000",
    accessible=True, file_exists=True, collection_time=1_700_000_060_250, entity_id="b1:4242:99",
    command_line_raw=[b"cat", b"", b"caf\xe9"], notes=[{"field": 5, "kind": "NOTE_KIND_NOT_UTF8"}],
)
RESULT = session.Packet(
    stream=1,
    result={"task_id": "t-1", "success": True, "processes": [RECORD],
            "coverage": {"seen": 87, "matched": 1, "source": "EVENT_SOURCE_POLLED"}},
)
EXAMPLES = [
    ("Hello", "An agent's first frame. `stream` is 0, and so not on the wire.", HELLO),
    ("Task", "A task on stream 1: processes named `cat` or `sleep` and with pid 1 or 4242. "
     "`task_type` is\nENUMERATE_PROCESSES, which is 0, and so not on the wire.", TASK),
    ("Result", "The whole answer in one terminal chunk: `more` is false, and so not on the wire. The third\n"
     "argument is not UTF-8: `command_line` holds a lossy form, `command_line_raw` the bytes.", RESULT),
]

COLLECTOR_HELLO = session.Packet(
    hello={"version_min": 1, "version_max": 1, "max_frame": 1024, "max_streams": 1, "role": "ROLE_COLLECTOR"},
)
CANCEL = session.Packet(stream=1, cancel={})
AGENT_EPOCH, COLLECTOR_EPOCH = 1, 0x9A3C_71E5_D20B_4F68


def data(number, expected, packet):
    return bytes([number << 3 | expected]) + packet.SerializeToString()


def acknowledgment(high, expected):
    return bytes([high | expected])


def reset(high, window, *epochs):
    return bytes([high | window]) + b"".join(struct.pack("<Q", epoch) for epoch in epochs)


ACK, NAK, RESET, RESET_ACK = 0b01000 << 3, 0b01001 << 3, 0b10000 << 3, 0b11000 << 3
AGENT_RESET = reset(RESET, 2, AGENT_EPOCH)
COLLECTOR_RESET = reset(RESET, 4, COLLECTOR_EPOCH)
DRAWN = f"{COLLECTOR_EPOCH:016x}"
# Who sends what, and what becomes of it.
SERIAL = [
    ("collector", COLLECTOR_RESET, f"RESET: w 4, epoch {DRAWN}; lost"),
    ("agent", AGENT_RESET, "RESET: w 2, epoch 1"),
    ("collector", reset(RESET_ACK, 4, COLLECTOR_EPOCH, AGENT_EPOCH), "RESET-ACK: w 4, its epoch, answers 1"),
    ("agent", data(0, 0, HELLO), "DATA 0, a 0: hello of example 1; ignored (L4)"),
    ("collector", COLLECTOR_RESET, "RESET again: its timer has run out"),
    ("agent", reset(RESET_ACK, 2, AGENT_EPOCH, COLLECTOR_EPOCH), f"RESET-ACK: w 2, its epoch, answers {DRAWN}"),
    ("agent", data(0, 0, HELLO), "DATA 0 again, a 0: its timer has run out"),
    ("collector", acknowledgment(ACK, 1), "ACK, a 1; lost"),
    ("agent", data(0, 0, HELLO), "DATA 0 again, a 0: a repeat for the collector"),
    ("collector", acknowledgment(ACK, 1), "ACK, a 1"),
    ("collector", data(0, 1, COLLECTOR_HELLO), "DATA 0, a 1: hello"),
    ("agent", data(1, 1, TASK), "DATA 1, a 1: task of example 2; acknowledges the hello; lost"),
    ("agent", data(2, 1, CANCEL), "DATA 2, a 1: cancel of stream 1"),
    ("collector", acknowledgment(NAK, 1), "NAK, a 1"),
    ("agent", data(1, 1, TASK), "DATA 1 again, a 1"),
    ("agent", data(2, 1, CANCEL), "DATA 2 again, a 1"),
    ("collector", acknowledgment(ACK, 3), "ACK, a 3"),
]


def serial():
    """The conversation on a serial line: body, frame and line of each step."""
    steps, begun = [], set()
    for side, body, meaning in SERIAL:
        framed = frame(body)
        begin = b"" if side in begun else b"\0"
        begun.add(side)
        line = begin + cobs(framed) + b"\0"
        steps.append(f"# {side}: {meaning}\n" + rows("body", body) + rows("frame", framed) + rows("line", line))
    return "```serial\n" + "\n".join(steps) + "```\n"


def rows(name, data):
    parts = [data[start : start + WIDE].hex(" ") for start in range(0, len(data), WIDE)]
    return "".join(f"{label:<8}{part}\n" for label, part in zip([name] + [""] * len(parts), parts))


def cobs(data):
    """Bytes without a 00: each piece up to a 00, or of 254 bytes, behind its length plus one."""
    pieces, piece = [], b""
    for byte in data + b"\0":
        if byte:
            piece += bytes([byte])
        if not byte or len(piece) == 254:
            pieces.append(bytes([len(piece) + 1]) + piece)
            piece = b""
    return b"".join(pieces)


def render():
    return "\n".join(
        f"### Example {number}: {title}\n\n{text}\n\n"
        f"```json\n{pretty(plain(packet))}\n```\n\n```hex\n{dump(packet)}```\n"
        for number, (title, text, packet) in enumerate(EXAMPLES, 1)
    )


def pretty(value, indent=""):
    """JSON in lines of at most 116 characters where that can be."""
    line = json.dumps(value)
    if len(indent) + len(line) <= 116 or not isinstance(value, (dict, list)):
        return line
    inner = indent + "  "
    if isinstance(value, dict):
        parts = [f"{inner}{json.dumps(key)}: {pretty(item, inner)}" for key, item in value.items()]
        return "{\n" + ",\n".join(parts) + f"\n{indent}}}"
    return "[\n" + ",\n".join(inner + pretty(item, inner) for item in value) + f"\n{indent}]"


def dump(packet):
    """A frame in hex, each part with its meaning behind a `#`."""
    body = packet.SerializeToString()
    head = varint(len(body))
    parts = [(head, f"len = {len(body)}"), *fields(packet)]
    if b"".join(part for part, _ in parts[1:]) != body:
        sys.exit("the parts are not what protobuf encodes")
    crc = crc32c(head + body)
    parts.append((crc.to_bytes(4, "little"), f"crc32c = {crc:08x}"))
    return "".join(lines(part, meaning) for part, meaning in parts)


def lines(part, meaning):
    rows = [part[start : start + WIDTH].hex(" ") for start in range(0, len(part), WIDTH)]
    rows[0] = f"{rows[0]:<{3 * WIDTH}}# {meaning}"
    return "\n".join(rows) + "\n"


def fields(message, indent=""):
    """(bytes, meaning) of each field, in the order of their numbers."""
    for field, items in message.ListFields():
        if field.is_packed:
            packed = b"".join(scalar(field, item) for item in items)
            yield key(field, 2) + varint(len(packed)) + packed, f"{indent}{field.name} = {list(items)}"
            continue
        for index, item in enumerate(items if field.is_repeated else [items]):
            name = indent + field.name + (f"[{index}]" if field.is_repeated else "")
            if field.message_type:
                size = item.ByteSize()
                yield key(field, 2) + varint(size), f"{name}: {size} bytes"
                yield from fields(item, indent + "  ")
            else:
                yield key(field, wire_type(field)) + scalar(field, item), f"{name} = {shown(field, item)}"


def key(field, wire):
    return varint(field.number << 3 | wire)


def wire_type(field):
    """Of a field that is no message; the examples have no fixed32 and no integer below 0."""
    if field.type in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES):
        return 2
    return 1 if field.type == FieldDescriptor.TYPE_DOUBLE else 0


def scalar(field, item):
    if wire_type(field) == 1:
        return struct.pack("<d", item)
    if wire_type(field) == 0:
        return varint(item)
    data = item.encode() if isinstance(item, str) else item
    return varint(len(data)) + data


def shown(field, item):
    if field.enum_type:
        return field.enum_type.values_by_number[item].name
    if isinstance(item, bytes):
        return f'base64 "{base64.b64encode(item).decode()}"'
    return json.dumps(item)


def main():
    if sys.argv[1:2] != ["--check"]:
        print(serial(), render(), sep="\n", end="")
        return
    text = pathlib.Path(sys.argv[2]).read_text()
    lacking = [part for part in (serial(), render()) if part not in text]
    if lacking or text.count("```hex\n") != len(EXAMPLES) or text.count("```serial\n") != 1:
        sys.exit(f"{sys.argv[2]} lacks these examples or has others: paste what {sys.argv[0]} prints")


if __name__ == "__main__":
    main()
