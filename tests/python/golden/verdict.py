"""What a receiver makes of bytes, by the rules of WIRE.md and the table of limits.json.

No protobuf library has a part in it, and nothing of eyelet's own code.
"""

import json

from schema import PROTO

MALFORMED = "malformed", ("truncated", "varint", "field_number", "group", "wire_type", "range", "utf8", "twice")
LIMIT = "limit", ("max_bytes", "max_items", "max_total_bytes", "non_empty", "message_bytes", "elements", "depth")
CLASSES = {kind: name for name, kinds in (MALFORMED, LIMIT) for kind in kinds}
# Of any message as a whole.
BOUNDS = {"bytes": 1 << 20, "elements": 65536}

MESSAGES = {one["message"]: one for one in json.loads((PROTO / "limits.json").read_text())["messages"]}
WIRE_TYPES = {"fixed64": 1, "double": 1, "string": 2, "bytes": 2}
# Inclusive, of the number as a two's complement of 64 bits.
RANGES = {"bool": (0, 1), "uint32": (0, 2**32 - 1), "int32": (-(2**31), 2**31 - 1)}
UNSIGNED = ("bool", "uint32", "uint64")


class Refused(Exception):
    """`field` is 0 where no field's number was read."""

    def __init__(self, kind, limit=None, seen=None):
        super().__init__(kind)
        self.kind, self.limit, self.seen = kind, limit, seen
        self.message = self.field = None

    def at(self, message, field):
        """The innermost place counts."""
        if self.message is None:
            self.message, self.field = message, field
        return self

    def plain(self):
        where = {"class": CLASSES[self.kind], "kind": self.kind, "message": self.message, "field": self.field}
        return where if self.limit is None else where | {"limit": self.limit, "seen": self.seen}


def refusal(name, data, bounds=None):
    """Why `data` is no message of this name; None if it is one."""
    try:
        judge(name, data, bounds or {})
    except Refused as refused:
        return refused.plain()
    return None


def judge(name, data, lower):
    """Of two bounds of a message as a whole the lower one holds."""
    bounds = {key: min(most, lower.get(key, most)) for key, most in MESSAGES[name]["budget"].items()}
    if len(data) > bounds["bytes"]:
        raise Refused("message_bytes", bounds["bytes"], len(data)).at(name, 0)
    walk = Walk(bounds)
    walk.message(name, data, 1)
    for inner, inside in walk.opaque:
        judge(inner, inside, lower)


class Walk:
    """Over one message and those within it."""

    def __init__(self, bounds):
        self.bounds, self.elements, self.opaque = bounds, 0, []

    def message(self, name, data, depth):
        fields = {field["number"]: field for field in MESSAGES[name]["fields"]}
        cursor, seen = Cursor(data), {}
        while cursor.rest():
            number = 0
            try:
                key = cursor.varint()
                number, wire = field_number(key), key & 7
                if wire in (3, 4):
                    raise Refused("group")
                if wire in (6, 7):
                    raise Refused("wire_type")
                if number in fields:
                    self.known(name, fields[number], wire, cursor, seen, depth)
                else:
                    self.unknown(wire, cursor)
            except Refused as refused:
                raise refused.at(name, number)
        for field in fields.values():
            if field.get("non_empty") and not field.get("repeated") and not seen.get(field["number"], [0])[-1]:
                raise Refused("non_empty", 1, 0).at(name, field["number"])

    def known(self, name, field, wire, cursor, seen, depth):
        """`seen` has the sizes of the values of each field so far."""
        number = field["number"]
        nested = field["type"] in MESSAGES
        if nested and not field.get("repeated") and seen.keys() & {number, *beside(name, field)}:
            raise Refused("twice")
        sizes = seen.setdefault(number, [])
        if field.get("repeated") and wire == 2 and is_number(field):
            packed = Cursor(cursor.delimited())
            while packed.rest():
                in_range(field, packed)
                self.count(field, sizes, 0)
            return
        if wire != (2 if nested else WIRE_TYPES.get(field["type"], 0)):
            raise Refused("wire_type")
        if is_number(field):
            in_range(field, cursor)
            self.count(field, sizes, 0)
            return
        value = cursor.delimited()
        if not nested:
            check_value(field, value)
        self.count(field, sizes, len(value))
        if nested and field.get("opaque"):
            self.opaque.append((field["type"], value))
        elif nested:
            if depth == self.bounds["depth"]:
                raise Refused("depth", depth, depth + 1)
            self.message(field["type"], value, depth + 1)

    def unknown(self, wire, cursor):
        self.element()
        if wire == 0:
            cursor.varint()
        elif wire == 2:
            cursor.delimited()
        else:
            cursor.take(8 if wire == 1 else 4)

    def count(self, field, sizes, size):
        sizes.append(size)
        if not field.get("repeated"):
            return
        for kind, found in (("max_items", len(sizes)), ("max_total_bytes", sum(sizes))):
            if found > field.get(kind, found):
                raise Refused(kind, field[kind], found)
        if field.get("non_empty") and not size:
            raise Refused("non_empty", 1, 0)
        self.element()

    def element(self):
        self.elements += 1
        if self.elements > self.bounds["elements"]:
            raise Refused("elements", self.bounds["elements"], self.elements)


def beside(name, field):
    """Two bodies in one Packet are malformed (rule 14)."""
    others = MESSAGES[name]["fields"] if "oneof" in field else ()
    return [other["number"] for other in others if other.get("oneof") == field["oneof"]]


class Cursor:
    def __init__(self, data):
        self.data, self.at = data, 0

    def rest(self):
        return len(self.data) - self.at

    def take(self, size):
        if size > self.rest():
            raise Refused("truncated")
        self.at += size
        return self.data[self.at - size : self.at]

    def delimited(self):
        return self.take(self.varint())

    def varint(self):
        value = 0
        for place in range(10):
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << 7 * place
            if value >> 64:
                break
            if byte < 0x80:
                return value
        raise Refused("varint")


def field_number(key):
    if not 1 <= key >> 3 < 1 << 29:
        raise Refused("field_number")
    return key >> 3


def is_number(field):
    return field["type"] not in MESSAGES and WIRE_TYPES.get(field["type"]) != 2


def in_range(field, cursor):
    kind = field["type"]
    if WIRE_TYPES.get(kind) == 1:
        cursor.take(8)
        return
    value = cursor.varint()
    if kind in ("uint64", "int64"):
        return
    low, high = RANGES.get(kind, RANGES["int32"])  # an enum is an int32
    if not low <= (value if kind in UNSIGNED or value < 1 << 63 else value - (1 << 64)) <= high:
        raise Refused("range")


def check_value(field, value):
    if len(value) > field["max_bytes"]:
        raise Refused("max_bytes", field["max_bytes"], len(value))
    if field["type"] == "string":
        try:
            value.decode()
        except UnicodeDecodeError:
            raise Refused("utf8") from None
