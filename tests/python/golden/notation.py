"""How vectors are written: messages in the command's JSON, bytes as hex, and long runs in short."""

import base64
import itertools
import json
import math
import re

LONG_RUN = 128  # bytes or characters; a list of a few dozen equal elements is as long
RUN = re.compile(rb"(.{1,24}?)\1{7,}", re.DOTALL)
TEXT_RUN = re.compile(r"(.{1,4}?)\1+", re.DOTALL)


def form(message):
    """The command's JSON: fields without presence always, fields with presence where they are there."""
    return {
        field.name: shown(field, getattr(message, field.name))
        for field in message.DESCRIPTOR.fields
        if not field.has_presence or message.HasField(field.name)
    }


def shown(field, value):
    if field.is_repeated:
        return in_runs([one(field, element) for element in value])
    return one(field, value)


def one(field, value):
    if field.message_type:
        return form(value)
    if field.enum_type:
        known = field.enum_type.values_by_number.get(value)
        return known.name if known else value
    if isinstance(value, bytes):
        return text(base64.b64encode(value).decode())
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return text(value) if isinstance(value, str) else value


def text(value):
    found = len(value) >= LONG_RUN and TEXT_RUN.fullmatch(value)
    return {"repeat": found[1], "times": len(value) // len(found[1])} if found else value


def in_runs(elements):
    """Equal neighbours in short, where that is shorter."""
    runs = [(element, len(list(run))) for element, run in itertools.groupby(elements)]
    if sum(times * len(json.dumps(element)) for element, times in runs) < LONG_RUN:
        return elements
    short = [[{"items": element, "times": times}] if times > 3 else [element] * times for element, times in runs]
    return list(itertools.chain.from_iterable(short))


def digits(data):
    """Hex, or a list of hex and of runs."""
    parts, at = [], 0
    for run in RUN.finditer(data) if len(data) > LONG_RUN else ():
        if len(run[0]) >= LONG_RUN // 2:
            parts += [data[at : run.start()].hex()] if run.start() > at else []
            parts.append({"repeat": run[1].hex(), "times": len(run[0]) // len(run[1])})
            at = run.end()
    if not parts:
        return data.hex()
    return parts + ([data[at:].hex()] if at < len(data) else [])


def page(vectors):
    """A JSON array with a vector to a line."""
    names = [vector["name"] for vector in vectors]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise ValueError(f"two vectors of one name: {doubled}")
    return "[\n" + ",\n".join(json.dumps(vector) for vector in vectors) + "\n]\n"
