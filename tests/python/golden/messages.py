"""messages.json: what messages mean, and bytes that mean it."""

import struct

from google.protobuf.descriptor import FieldDescriptor

from schema import session

from golden import examples, extremes
from golden.encode import BEYOND_PROTOBUF, STYLES, Style, delimited, encoded, key
from golden.notation import digits, form
from golden.verdict import refusal

PLAIN = Style()
PADDED = "values padded to 10 bytes"
SINGLE = "interleaved, numbers single"


def vectors():
    return [*whole(), *alone(), *odd(), *floats(), *at_limits(), *prefixes()]


def vector(name, message, more=()):
    """A message and its encodings, protobuf's own first; `more` are pairs of how and bytes."""
    kept = {}
    for how, data in [("protobuf", message.SerializeToString()), *more]:
        confirm(message, how, data)
        kept.setdefault(data, how)
    return {
        "name": name,
        "message": message.DESCRIPTOR.name,
        "json": form(message),
        "encodings": [{"by": how, "wire": digits(data)} for data, how in kept.items()],
    }


def confirm(message, how, data):
    """Accepted by the rules, and to protobuf's own decoder the same message."""
    refused = refusal(message.DESCRIPTOR.name, data)
    if refused:
        raise ValueError(f"{message.DESCRIPTOR.name}, {how}: {refused}")
    if how not in BEYOND_PROTOBUF and form(type(message).FromString(data)) != form(message):
        raise ValueError(f"{message.DESCRIPTOR.name}, {how}: another message")


def styled(message, *names):
    """In these styles, or in all."""
    styles = STYLES | BEYOND_PROTOBUF
    return [(name, encoded(message, styles[name])) for name in names or styles]


def whole():
    """Every message with as little in it as can be, and with something in every field."""
    for name in examples.TYPES:
        message = examples.smallest(name)
        yield vector(f"{name}: as little as can be", message, styled(message))
    for message in examples.MESSAGES:
        if message.ListFields():
            yield vector(f"{message.DESCRIPTOR.name}: every field", message, styled(message))
    for body, packet in examples.PACKETS.items():
        yield vector(f"Packet: {body}", packet, styled(packet))


def alone():
    """Each field alone, with each value at an edge of its type."""
    for name, message_type in examples.TYPES.items():
        for field in message_type.DESCRIPTOR.fields:
            for value in edges(field):
                message = examples.smallest(name)
                put(message, field, value)
                yield vector(f"{name}.{field.name} = {said(field, value)}", message, styled(message, PADDED))


def put(message, field, value):
    if field.is_repeated:
        message.MergeFrom(type(message)(**{field.name: [value]}))
    else:
        message.MergeFrom(type(message)(**{field.name: value}))


def said(field, value):
    if field.message_type:
        return "there"
    known = field.enum_type and field.enum_type.values_by_number.get(value)
    return known.name if known else ascii(value)


EDGES = {
    FieldDescriptor.TYPE_BOOL: [False, True],
    FieldDescriptor.TYPE_UINT32: [0, 127, 128, 2**32 - 1],
    FieldDescriptor.TYPE_UINT64: [0, 2**53 + 1, 2**64 - 1],
    FieldDescriptor.TYPE_INT32: [0, -1, -(2**31), 2**31 - 1],
    FieldDescriptor.TYPE_INT64: [0, -1, -(2**63), 2**63 - 1],
    FieldDescriptor.TYPE_FIXED64: [0, 1, 2**64 - 1],
    FieldDescriptor.TYPE_DOUBLE: [0.0, -0.0, 0.1, 5e-324, 1.7976931348623157e308],
    FieldDescriptor.TYPE_STRING: ["", "\0", "\u00e9\u20ac\U0010ffff", "\ufeff\u202e"],
    FieldDescriptor.TYPE_BYTES: [b"", bytes(range(256 - 32, 256))],
}


def edges(field):
    """What is not there with a value of 0 is left to `whole`."""
    if field.message_type:
        return [examples.smallest(field.message_type.name)]
    if field.enum_type:
        values = [value.number for value in field.enum_type.values] + [-1, -(2**31), 2**31 - 1]
    else:
        values = EDGES[field.type]
    is_told = field.has_presence or field.is_repeated
    return values if is_told else [value for value in values if value]


def odd():
    """What encoders may write besides, and few do."""
    record = examples.TYPES["ProcessRecord"](name="last")
    empty_first = delimited(3, b"", PLAIN) + delimited(3, b"last", PLAIN)
    yield vector("ProcessRecord.name: empty, then not", record, [("twice", empty_first)])
    packet = session.Packet(stream=9)
    unknown = key(1, 0, PLAIN) + b"\x09" + delimited(12, b"\xff", PLAIN)
    yield vector("Packet: a body of a later version", packet, [("a field 12", unknown)])
    packet = session.Packet(stream=9, ping={})
    with_data = key(1, 0, PLAIN) + b"\x09" + delimited(9, b"\x10\x01", PLAIN)
    yield vector("Packet: a ping of a later version", packet, [("a field 2 within", with_data)])


def floats():
    """Every NaN is `NaN`, whatever its bits."""
    record = examples.TYPES["ProcessRecord"]
    for value in (float("inf"), float("-inf")):
        yield vector(f"ProcessRecord.cpu_usage = {value}", record(name="a", cpu_usage=value))
    name, usage = delimited(3, b"a", PLAIN), key(7, 1, PLAIN)
    bits = {"quiet": 0x7FF8 << 48, "negative": 0xFFF8 << 48, "signalling": 0x7FF0 << 48 | 1, "all ones": 2**64 - 1}
    others = [(how, name + usage + struct.pack("<Q", pattern)) for how, pattern in bits.items()]
    yield vector("ProcessRecord.cpu_usage = nan", record(name="a", cpu_usage=float("nan")), others)


def at_limits():
    for name, message in extremes.within():
        yield vector(name, message, styled(message, SINGLE))
    for name, message, data in extremes.bounds_reached():
        yield vector(name, message, [("unknown fields", data)])


def prefixes():
    """What a message that was cut between two fields has become."""
    for message in examples.SMALL:
        data, name = message.SerializeToString(), message.DESCRIPTOR.name
        for end in range(1, len(data)):
            if not refusal(name, data[:end]):
                yield vector(f"{name}: cut to {end} of {len(data)} bytes", type(message).FromString(data[:end]))
