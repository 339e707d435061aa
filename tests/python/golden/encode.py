"""Other legal encodings of a message than the one that protobuf's own encoder writes."""

import dataclasses
import itertools
import struct

from wire import varint


@dataclasses.dataclass(frozen=True)
class Style:
    """What an encoder is free in."""

    order: str = "numbers"  # or "reversed", "interleaved"
    numbers: str = "packed"  # or "single", "split"
    pad: int = 0  # bytes at least of a varint that is a value
    pad_frame: int = 0  # bytes at least of a key or a length
    defaults: bool = False  # values of fields without presence that need not be there
    twice: bool = False  # another value of a field before the one that counts
    unknown: bool = False  # fields that the schema does not have, at every depth


STYLES = {
    "reversed": Style(order="reversed"),
    "interleaved, numbers single": Style(order="interleaved", numbers="single"),
    "numbers packed and single by turns": Style(numbers="split"),
    "values padded to 10 bytes": Style(pad=10),
    "every varint padded to 5 bytes": Style(pad=5, pad_frame=5),
    "defaults written": Style(defaults=True),
    "another value before the one that counts": Style(twice=True),
    "unknown fields at every depth": Style(unknown=True),
    "all of it at once": Style("interleaved", "split", 3, 2, defaults=True, twice=True, unknown=True),
}
# protobuf's own decoders (C++, and what stands on it) refuse these; nobody is known to write them.
BEYOND_PROTOBUF = {"every varint padded to 10 bytes": Style(pad=10, pad_frame=10)}


def encoded(message, style):
    groups = [group for field in message.DESCRIPTOR.fields if (group := occurrences(message, field, style))]
    if style.order != "numbers":
        groups.reverse()
    turns = itertools.zip_longest(*groups) if style.order == "interleaved" else groups
    parts = [part for turn in turns for part in turn if part is not None]
    if style.unknown:
        strange = unknown_fields(message.DESCRIPTOR, style)
        middle = len(parts) // 2
        parts = [strange[0], *parts[:middle], *strange[1:3], *parts[middle:], strange[3]]
    return b"".join(parts)


def occurrences(message, field, style):
    """The encodings of one field, in the order that they have to stay in."""
    value = getattr(message, field.name)
    if field.is_repeated:
        if field.is_packed:
            return numbers(field, list(value), style)
        return [single(field, element, style) for element in value]
    is_there = message.HasField(field.name) if field.has_presence else value or is_negative_zero(value)
    if not is_there:
        return [single(field, value, style)] if style.defaults and not field.has_presence else []
    other = [single(field, another(value), style)] if style.twice and not field.message_type else []
    return [*other, single(field, value, style)]


def numbers(field, values, style):
    if style.numbers == "single":
        return [single(field, value, style) for value in values]
    if style.numbers == "split" and values:
        alone = [single(field, value, style) for value in values[1:2]]
        return [packed(field, values[:1], style), *alone, packed(field, [], style), packed(field, values[2:], style)]
    return [packed(field, values, style)] if values else []


def packed(field, values, style):
    return delimited(field.number, b"".join(scalar(field, value, style) for value in values), style)


def single(field, value, style):
    if field.message_type:
        return delimited(field.number, encoded(value, style), style)
    if isinstance(value, (str, bytes)):
        return delimited(field.number, value.encode() if isinstance(value, str) else value, style)
    return key(field.number, 1 if is_fixed(field) else 0, style) + scalar(field, value, style)


def scalar(field, value, style):
    if is_fixed(field):
        return struct.pack("<d", value) if isinstance(value, float) else struct.pack("<Q", value)
    return padded(int(value) & (1 << 64) - 1, style.pad)


def is_fixed(field):
    return field.type in (field.TYPE_DOUBLE, field.TYPE_FIXED64)


def is_negative_zero(value):
    return isinstance(value, float) and struct.pack("<d", value) != bytes(8)


def another(value):
    """A legal value of the same field that is not this one."""
    if isinstance(value, str):
        return "?" if value != "?" else "!"
    if isinstance(value, bytes):
        return b"?" if value != b"?" else b"!"
    return not value if isinstance(value, bool) else 0.5 if isinstance(value, float) else 1 if value != 1 else 2


def unknown_fields(descriptor, style):
    """One of each wire type; bytes that nobody may look into."""
    taken = {field.number for field in descriptor.fields}
    low, high = next(number for number in (6, 15, 31) if number not in taken), 2**29 - 1
    return [
        key(low, 0, style) + padded(2**64 - 1, style.pad),
        delimited(high, b"\xff\x00\x0b\x80", style),
        key(low, 1, style) + b"\xff" * 8,
        key(high, 5, style) + b"\x80" * 4,
    ]


def delimited(number, data, style):
    return key(number, 2, style) + padded(len(data), style.pad_frame) + data


def key(number, wire, style):
    return padded(number << 3 | wire, style.pad_frame)


def padded(value, size):
    """A varint of at least `size` bytes."""
    short = varint(value)
    if len(short) >= size:
        return short
    return short[:-1] + bytes([short[-1] | 0x80]) + b"\x80" * (size - len(short) - 1) + b"\0"
