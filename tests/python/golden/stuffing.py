"""cobs.json: bytes, and the lines without a 00 that stand for them."""

from link import cobs, uncobs

from golden.notation import digits

FULL = bytes(range(1, 255))


def vectors():
    return [*accepted(), *refused()]


def accepted():
    """A frame is never empty, but its COBS is defined all the same."""
    for name, data in {
        "nothing": b"",
        "a 00": b"\0",
        "two 00": b"\0\0",
        "the example of WIRE.md": bytes.fromhex("11220033"),
        "a byte ff": b"\xff",
        "253 bytes": FULL[:-1],
        "254 bytes": FULL,
        "255 bytes": FULL + b"\x01",
        "254 bytes and a 00": FULL + b"\0",
        "a 00 and 254 bytes": b"\0" + FULL,
        "253 bytes and a 00": FULL[:-1] + b"\0",
        "508 bytes": FULL * 2,
        "508 bytes with a 00 between": FULL + b"\0" + FULL,
        "509 bytes": FULL * 2 + b"\xff",
        "1024 times 00": bytes(1024),
        "4096 times ff": b"\xff" * 4096,
    }.items():
        yield {"name": name, "bytes": digits(data), "lines": [digits(line) for line in lines(data)]}


def lines(data):
    """Both, where 254 bytes end what is to be encoded."""
    long = cobs(data)
    short = long[:-1]
    both = [short, long] if data and uncobs(short) == data else [long]
    if any(0 in line or uncobs(line) != data for line in both):
        raise ValueError(f"{data.hex()} has become {both}")
    return both


def refused():
    """A piece has fewer bytes than its length says."""
    for line in ("02", "0211220333", "ff0102", "ff" + FULL[:-1].hex(), "0101ff"):
        data = bytes.fromhex(line)
        if uncobs(data) is not None:
            raise ValueError(f"{line} is taken")
        name = f"{len(data)} bytes that begin {line[:12]}"
        yield {"name": name, "line": digits(data), "refused": {"kind": "truncated"}}
