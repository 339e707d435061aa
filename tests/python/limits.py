"""The limits that the schema declares beside its fields: the table of WIRE.md, and a check.

`limits.py` prints the table; `limits.py --check FILE` fails unless FILE contains it.
"""

import pathlib
import sys

from google.protobuf.descriptor import FieldDescriptor

from schema import ipc, limits, session

SCALARS = {
    FieldDescriptor.TYPE_STRING: "string",
    FieldDescriptor.TYPE_BYTES: "bytes",
    FieldDescriptor.TYPE_UINT32: "uint32",
}
HEAD = """| field (number) | type | bytes of a value | values | bytes together | |
|---|---|---:|---:|---:|---|
"""


def broken(message):
    """The first limit that `message` breaks: (field, limit, seen), or None."""
    for field in message.DESCRIPTOR.fields:
        if of(field).non_empty and not getattr(message, field.name):
            return qualified(field), 1, 0
    for field, items in message.ListFields():
        items = items if field.is_repeated else [items]
        for limit, seen in measured(field, items):
            if seen > limit:
                return qualified(field), limit, seen
        for item in items if field.message_type else []:
            if found := broken(item):
                return found
    return None


def measured(field, items):
    """Pairs of a limit and what the field has of it."""
    declared = of(field)
    texts = [item.encode() if isinstance(item, str) else item for item in items]
    sizes = [len(text) for text in texts if isinstance(text, bytes)]
    if declared.HasField("max_items"):
        yield declared.max_items, len(items)
    if declared.HasField("max_total_bytes"):
        yield declared.max_total_bytes, sum(sizes)
    for size in sizes:
        yield declared.max_bytes, size


def qualified(field):
    return f"{field.containing_type.name}.{field.name}"


def of(field):
    return field.GetOptions().Extensions[limits.limits]


def table():
    return HEAD + "".join(
        row(field)
        for file in (ipc, session)
        for message in file.DESCRIPTOR.message_types_by_name.values()
        for field in message.fields
        if field.type in (field.TYPE_STRING, field.TYPE_BYTES) or field.is_repeated
    )


def row(field):
    declared = of(field)
    named = field.message_type or field.enum_type
    kind = named.name if named else SCALARS[field.type]
    numbers = [number(declared, name) for name in ("max_bytes", "max_items", "max_total_bytes")]
    notes = ["not empty"] if declared.non_empty else []
    notes += ["may be cut"] if declared.on_excess == limits.ON_EXCESS_CUT else []
    kind = ("repeated " if field.is_repeated else "") + kind
    return f"| `{qualified(field)}` ({field.number}) | {kind} | {' | '.join(numbers)} | {', '.join(notes)} |\n"


def number(declared, name):
    return f"{getattr(declared, name):,}" if declared.HasField(name) else "–"


def main():
    if sys.argv[1:2] == ["--check"]:
        if table() not in pathlib.Path(sys.argv[2]).read_text():
            sys.exit(f"{sys.argv[2]} lacks the schema's table of limits: paste what {sys.argv[0]} prints")
    else:
        print(table(), end="")


if __name__ == "__main__":
    main()
