"""Messages at the limits of limits.json, and one over them."""

from golden import examples
from golden.encode import Style, delimited, key, padded
from golden.verdict import BOUNDS, MESSAGES

PLAIN = Style()
WORST = {"bool": True, "uint32": 2**32 - 1, "uint64": 2**64 - 1, "fixed64": 1, "double": 0.1}  # others: -1


def within():
    """Pairs of a name and a message that is just legal."""
    for name, field in limited():
        for limit, value in at_limit(field):
            yield f"{name}.{field['field']}: {limit}", holding(name, field, value)
    for name, table in MESSAGES.items():
        if len(table["fields"]) > 1 and table["max_encoded_len"] < BOUNDS["bytes"]:
            message = longest(name)
            if message.ByteSize() != table["max_encoded_len"]:
                raise ValueError(f"{name}: {message.ByteSize()} bytes, not {table['max_encoded_len']}")
            yield f"{name}: the longest that there is", message


def over():
    """Triples of a name, a kind of limit, and a message that breaks it alone."""
    for name, field in limited():
        for limit, kind, value in over_limit(field):
            yield f"{name}.{field['field']}: {limit}", kind, holding(name, field, value)


def breaks_total(message):
    """Whether the values of one field are together over its limit."""
    fields = [field for field in MESSAGES[message.DESCRIPTOR.name]["fields"] if "max_total_bytes" in field]
    return any(sum(map(len, getattr(message, field["field"]))) > field["max_total_bytes"] for field in fields)


def limited():
    for name, table in MESSAGES.items():
        for field in table["fields"]:
            if "max_bytes" in field or "max_items" in field:
                yield name, field


def holding(name, field, value):
    message = examples.smallest(name)
    message.MergeFrom(type(message)(**{field["field"]: value}))
    return message


def at_limit(field):
    most = field.get("max_bytes", 0)
    if not field.get("repeated"):
        yield f"{most} bytes", filler(field, most)
        if field["type"] == "string":
            yield f"{most} bytes in wide characters", wide(most)
        return
    yield f"{field['max_items']} values", [element(field)] * field["max_items"]
    if "max_total_bytes" in field:
        yield f"{most} bytes in one value", [filler(field, most)]
        yield f"{field['max_total_bytes']} bytes together", pieces(field, field["max_total_bytes"])


def over_limit(field):
    """A value's own limit is looked at before those of all values together."""
    most = field.get("max_bytes", 0) + 1
    if not field.get("repeated"):
        yield f"{most} bytes", "max_bytes", filler(field, most)
        if field["type"] == "string":
            yield f"{most} bytes, {most - 1} characters", "max_bytes", "a" * (most - 2) + "\u00e9"
        return
    items = field["max_items"] + 1
    yield f"{items} values", "max_items", [element(field)] * items
    if "max_total_bytes" in field:
        total = field["max_total_bytes"] + 1
        yield f"{most} bytes in one value", "max_bytes", [filler(field, most)]
        yield f"{total} bytes together", "max_total_bytes", pieces(field, total)


def filler(field, size):
    return b"\xff" * size if field["type"] == "bytes" else "a" * size


def wide(size):
    return "a" * (size % 2) + "\u00e9" * (size // 2)


def element(field):
    """The smallest value of a repeated field."""
    if field["type"] in MESSAGES:
        return examples.smallest(field["type"])
    return filler(field, 0) if "max_bytes" in field else 0


def pieces(field, total):
    """Values within their own limit that are `total` bytes together."""
    size = min(field["max_bytes"], 200)
    return [filler(field, size)] * (total // size) + [filler(field, total % size)]


def longest(name):
    """The longest that an encoder writes: numbers packed, everything in its shortest form."""
    return examples.TYPES[name](**{field["field"]: most(field) for field in MESSAGES[name]["fields"]})


def most(field):
    if "max_total_bytes" in field:
        # A length over 127 takes a byte more, so as many values as can be are 128 bytes long.
        long = field["max_total_bytes"] // 128
        return [filler(field, 128)] * long + [filler(field, 0)] * (field["max_items"] - long)
    if field["type"] in MESSAGES:
        value = longest(field["type"])
    else:
        value = filler(field, field["max_bytes"]) if "max_bytes" in field else WORST.get(field["type"], -1)
    return [value] * field["max_items"] if field.get("repeated") else value


def bounds_reached():
    """Triples of a name, a DetectionResult, and bytes of it that are all that a message may be."""
    for name, fill in ((f"{BOUNDS['bytes']} bytes", of_size), (f"{BOUNDS['elements']} elements", of_elements)):
        result = examples.TYPES["DetectionResult"](task_id=name)
        yield f"DetectionResult: {name}", result, fill(BOUNDS[name.split()[1]], result.SerializeToString())


def of_size(size, known=b""):
    """One unknown field that fills the message."""
    head = known + key(100, 2, PLAIN)
    return head + padded(size - len(head) - 3, 3) + bytes(size - len(head) - 3)


def of_elements(count, known=b""):
    return known + (key(6, 0, PLAIN) + b"\0") * count
