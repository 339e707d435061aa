"""refusals.json: bytes that are no message, and messages that are over a limit."""

from golden import examples, extremes
from golden.encode import Style, delimited, key, padded
from golden.notation import digits, form
from golden.verdict import MESSAGES, RANGES, UNSIGNED, WIRE_TYPES, is_number, refusal

PLAIN = Style()
NAME = delimited(3, b"a", PLAIN)  # without which a ProcessRecord is over a limit
TOO_LONG = {
    "of 11 bytes": b"\x80" * 10 + b"\x00",
    "of 65 bits": b"\xff" * 9 + b"\x02",
    "of 70 bits": b"\xff" * 9 + b"\x7f",
}
NOT_UTF8 = {
    "a byte that is never there": b"a\xff",
    "a continuation alone": b"\x80",
    "a character cut short": b"\xe2\x82",
    "an overlong slash": b"\xc0\xaf",
    "an overlong euro sign": b"\xf0\x82\x82\xac",
    "a surrogate": b"\xed\xa0\x80",
    "over U+10FFFF": b"\xf4\x90\x80\x80",
}


def vectors():
    """Each breaks one rule, but that a message which is cut may also lack something."""
    parts = (truncated, keys, varints, lengths, ranges, wire_types, texts, twice, within, over, bounds)
    return [vector for part in parts for vector in part()]


def vector(name, kind, message, data, bounds=None):
    """The outcome is what the rules say, and has to be of the kind that was meant."""
    refused = refusal(message, data, bounds)
    if not refused or refused["kind"] != kind:
        raise ValueError(f"{name}: {refused}, not {kind}")
    fields = {"name": name, "message": message, "wire": digits(data), "refused": refused}
    return fields | ({"bounds": bounds} if bounds else {})


def truncated():
    """At every place but those between two fields, where a shorter message is left."""
    for message in examples.SMALL:
        data, name = message.SerializeToString(), message.DESCRIPTOR.name
        for end in range(1, len(data)):
            refused = refusal(name, data[:end])
            if refused:
                yield vector(f"{name}: cut to {end} of {len(data)} bytes", refused["kind"], name, data[:end])


def keys():
    """A ProcessEvent has a field 1, and no field 6."""
    for wire, rest in ((0, b"\x01"), (1, bytes(8)), (2, b"\0"), (5, bytes(4))):
        yield vector(f"field number 0, wire type {wire}", "field_number", "ProcessEvent", key(0, wire, PLAIN) + rest)
    for number in (1 << 29, 1 << 32, (1 << 61) - 1):
        yield vector(f"field number {number}", "field_number", "ProcessEvent", key(number, 0, PLAIN) + b"\x01")
    for number, known in ((1, "a known field"), (6, "an unknown field")):
        begin, end = key(number, 3, PLAIN), key(number, 4, PLAIN)
        for said, data in {"nothing in it": begin + end, "a field in it": begin + b"\x08\x01" + end,
                           "no end": begin, "no beginning": end}.items():
            yield vector(f"{known} as a group with {said}", "group", "ProcessEvent", data)
        for wire in (6, 7):
            data = key(number, wire, PLAIN) + b"\x01"
            yield vector(f"{known} of wire type {wire}", "wire_type", "ProcessEvent", data)


def varints():
    for said, number in TOO_LONG.items():
        for place, message, data in (
            ("a key", "ProcessEvent", number + b"\x01"),
            ("an enum", "ProcessEvent", key(1, 0, PLAIN) + number),
            ("an int64", "ProcessEvent", key(2, 0, PLAIN) + number),
            ("an int32", "ProcessEvent", key(4, 0, PLAIN) + number),
            ("a uint32", "ProcessEvent", key(5, 0, PLAIN) + number),
            ("a uint64", "Credit", key(1, 0, PLAIN) + number),
            ("a bool", "Packet", key(2, 0, PLAIN) + number),
            ("a number in a packed list", "ProcessFilter", delimited(2, b"\x01" + number, PLAIN)),
            ("a number of a list by itself", "ProcessFilter", key(2, 0, PLAIN) + number),
            ("the length of a text", "DetectionTask", key(1, 2, PLAIN) + number),
            ("the length of bytes", "ProcessRecord", NAME + key(21, 2, PLAIN) + number),
            ("the length of a message", "DetectionTask", key(3, 2, PLAIN) + number),
            ("the length of a packed list", "ProcessFilter", key(2, 2, PLAIN) + number),
            ("an unknown number", "Cancel", key(6, 0, PLAIN) + number),
            ("the length of an unknown field", "Cancel", key(6, 2, PLAIN) + number),
        ):
            yield vector(f"{place} {said}", "varint", message, data)


def lengths():
    """More bytes than there are, and no receiver may make room for them."""
    for size in (1, 2**31 - 1, 2**32 - 1, 2**63, 2**64 - 1):
        for place, message, data in (
            ("a text", "DetectionTask", key(1, 2, PLAIN)),
            ("bytes", "ProcessRecord", NAME + key(21, 2, PLAIN)),
            ("a message", "DetectionTask", key(3, 2, PLAIN)),
            ("a record", "DetectionResult", key(4, 2, PLAIN)),
            ("a packed list", "ProcessFilter", key(2, 2, PLAIN)),
            ("an unknown field", "Cancel", key(6, 2, PLAIN)),
        ):
            yield vector(f"{place} of {size} bytes, and none there", "truncated", message, data + padded(size, 0))
    yield vector("a text that ends behind its message", "truncated", "DetectionTask",
                 delimited(3, key(3, 2, PLAIN) + b"\x02a", PLAIN) + b"bc")
    yield vector("a number that ends behind its packed list", "truncated", "ProcessFilter",
                 delimited(2, b"\x01\x80", PLAIN) + b"\x12\x00")
    for wire, size in ((1, 8), (5, 4)):
        yield vector(f"an unknown field of wire type {wire}, a byte too short", "truncated", "Cancel",
                     key(6, wire, PLAIN) + bytes(size - 1))


def ranges():
    """Every number that its type cannot hold; a decoder that cuts it takes another for it."""
    for message, field in every_field():
        low, high = RANGES.get(field["type"], RANGES["int32"])
        if is_number(field) and field["type"] not in ("uint64", "int64", *WIRE_TYPES):
            wide = (1 << 63, (1 << 64) - 1) if field["type"] in UNSIGNED else (low - 1, -(1 << 63), (1 << 32) - 1)
            for value in (high + 1, *wide):
                number = padded(value & (1 << 64) - 1, 0)
                data = base(message) + key(field["number"], 0, PLAIN) + number
                yield vector(f"{message}.{field['field']} = {value}", "range", message, data)
                if field.get("repeated"):
                    packed = delimited(field["number"], b"\x01" + number, PLAIN)
                    yield vector(f"{message}.{field['field']} = [1, {value}], packed", "range", message, packed)


def wire_types():
    """Every known field as each other wire type: what the protobuf specification takes for an unknown one."""
    for message, field in every_field():
        own = {2} if field["type"] in MESSAGES else {WIRE_TYPES.get(field["type"], 0)}
        for wire, rest in ((0, b"\x01"), (1, bytes(8)), (2, b"\x00"), (5, bytes(4))):
            if wire not in own | ({2} if field.get("repeated") else set()):
                data = base(message) + key(field["number"], wire, PLAIN) + rest
                yield vector(f"{message}.{field['field']} of wire type {wire}", "wire_type", message, data)


def every_field():
    for name, table in MESSAGES.items():
        for field in table["fields"]:
            yield name, field


def base(message):
    """What has to be there for the rest of a message to be legal."""
    return examples.smallest(message).SerializeToString()


def texts():
    for said, data in NOT_UTF8.items():
        yield vector(f"a text with {said}", "utf8", "DetectionTask", delimited(1, data, PLAIN))
    for message, field in every_field():
        if field["type"] == "string":
            data = delimited(field["number"], b"caf\xe9", PLAIN)
            yield vector(f"{message}.{field['field']} in Latin-1", "utf8", message, base(message) + data)


def twice():
    for message, field in every_field():
        if field["type"] in MESSAGES and not field.get("repeated"):
            one = delimited(field["number"], base(field["type"]), PLAIN)
            yield vector(f"{message}.{field['field']} twice", "twice", message, one + one)
    bodies = [field for field in MESSAGES["Packet"]["fields"] if "oneof" in field]
    for first in bodies:
        for second in bodies:
            if first != second:
                data = b"".join(delimited(body["number"], b"", PLAIN) for body in (first, second))
                yield vector(f"Packet: {first['field']} and {second['field']}", "twice", "Packet", data)


def within():
    """The innermost message is the one that is named."""
    note = delimited(24, b"\x10" + padded(1 << 32, 0), PLAIN)
    record = delimited(3, NAME + note, PLAIN)
    event = delimited(9, b"\x08\x01", PLAIN) + delimited(9, record, PLAIN)
    yield vector("a number out of range, four messages deep", "range", "DetectionResult", event)
    yield vector("the same in a packet", "range", "Packet", delimited(5, event, PLAIN))
    task = delimited(3, delimited(2, b"\x01\x80", PLAIN), PLAIN)
    yield vector("a packed list cut short, in a task", "truncated", "Packet", delimited(4, task, PLAIN))
    for message, data in {"ProcessRecord": b"", "DetectionResult": b"\x22\x00", "ProcessEvent": b"\x1a\x00"}.items():
        yield vector(f"{message}: a record without a name", "non_empty", message, data)
    yield vector("a record whose last name is empty", "non_empty", "ProcessRecord", NAME + delimited(3, b"", PLAIN))


def over():
    """An encoder has to refuse the `json` of these for the same reason.

    One value that is over the limit of all values too has none: which of the two is named is the encoder's affair.
    """
    for name, kind, message in extremes.over():
        data, json = message.SerializeToString(), {"json": form(message)}
        is_over_both = kind == "max_bytes" and extremes.breaks_total(message)
        yield vector(name, kind, message.DESCRIPTOR.name, data) | ({} if is_over_both else json)
    nameless = examples.TYPES["ProcessRecord"](pid=1)
    unnamed = vector("ProcessRecord.name: empty", "non_empty", "ProcessRecord", nameless.SerializeToString())
    yield unnamed | {"json": form(nameless)}


def bounds():
    """Of a message as a whole: eyelet's own, or where `bounds` says so lower ones."""
    over = extremes.of_size((1 << 20) + 1)
    yield vector("DetectionResult: 1048577 bytes", "message_bytes", "DetectionResult", over)
    yield vector("DetectionResult: 65537 elements", "elements", "DetectionResult", extremes.of_elements(65537))
    record = delimited(4, NAME, PLAIN)
    yield vector("a byte over a bound of 9", "message_bytes", "DetectionResult", record + record, {"bytes": 9})
    yield vector("an element over a bound of 1", "elements", "DetectionResult", record + record, {"elements": 1})
    numbers = delimited(2, b"\x01\x02\x03", PLAIN)
    yield vector("a packed number over a bound of 2", "elements", "ProcessFilter", numbers, {"elements": 2})
    inner = delimited(4, NAME + (key(30, 0, PLAIN) + b"\0") * 2, PLAIN)
    yield vector("an unknown field within, over a bound of 2", "elements", "DetectionResult", inner, {"elements": 2})
    yield vector("a message deeper than 1", "depth", "DetectionResult", record, {"depth": 1})
    event = delimited(9, delimited(3, NAME + delimited(24, b"", PLAIN), PLAIN), PLAIN)
    yield vector("a message deeper than 3", "depth", "DetectionResult", event, {"depth": 3})
