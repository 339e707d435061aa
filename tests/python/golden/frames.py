"""frames.json: bytes of a stream, and the frame that stands at their beginning."""

import zlib

from wire import crc32c, frame, varint

from golden.notation import digits

MOST = 1 << 20  # bytes of the largest body there is
LENGTHS = [1, 2, 126, 127, 128, 129, 255, 256, 4096, 16383, 16384, 16385, 65535, 65536, MOST]
PATTERN = bytes(range(0xA0, 0xB0))
SHORT = bytes.fromhex("01002030")


def vectors():
    return [*whole(), *partial(), *lengths(), *checksums()]


def vector(name, data, want, max_frame=65536):
    """The outcome is what the rules say, and has to be the one that was meant."""
    found = outcome(data, max_frame)
    if want not in found:
        raise ValueError(f"{name}: {found}, not {want}")
    return {"name": name, "max_frame": max_frame, "input": digits(data), **found}


def outcome(data, max_frame):
    """What a receiver makes of `data`: as soon as the length can be read, it is judged."""
    head = next((data[:end] for end in range(1, 6) if data[end - 1 : end] and data[end - 1] < 0x80), None)
    if head is None:
        return {"partial": {"needed": 1}} if len(data) < 5 else {"refused": {"kind": "length"}}
    size = sum((byte & 0x7F) << 7 * place for place, byte in enumerate(head))
    if head == b"\0":
        return {"refused": {"kind": "empty"}}
    if head != varint(size):
        return {"refused": {"kind": "length"}}
    if size > max_frame:
        return {"refused": {"kind": "too_large", "limit": max_frame, "seen": size}}
    end = len(head) + size
    if len(data) < end + 4:
        return {"partial": {"needed": end + 4 - len(data)}}
    if crc32c(data[:end]).to_bytes(4, "little") != data[end : end + 4]:
        return {"refused": {"kind": "checksum"}}
    return {"accepted": {"body": digits(data[len(head) : end]), "bytes": end + 4}}


def body(size):
    return (PATTERN * (size // len(PATTERN) + 1))[:size]


def whole():
    for size in LENGTHS:
        yield vector(f"a body of {size} bytes, the most that is taken", frame(body(size)), "accepted", size)
    for byte in (0x00, 0xFF):
        yield vector(f"a body of 32 bytes {byte:02x}", frame(bytes([byte]) * 32), "accepted")
    yield vector("the check value's bytes", frame(b"123456789"), "accepted")
    yield vector("as postcard writes it", frame(SHORT), "accepted")
    yield vector("bytes behind it", frame(SHORT) + b"\0\xff", "accepted")
    yield vector("a frame behind it", frame(SHORT) + frame(b"next"), "accepted")
    yield vector("a body that looks like a frame", frame(frame(SHORT)), "accepted")


def partial():
    """`needed` is what is known to be missing: 1 while the length cannot be read."""
    short = frame(SHORT)
    for end in range(len(short)):
        yield vector(f"{end} of {len(short)} bytes", short[:end], "partial")
    for size in (127, 128, 16383, 16384, 65536, MOST):
        data = frame(body(size))
        head = len(varint(size))
        for end in sorted({*range(1, head + 2), len(data) - 5, len(data) - 4, len(data) - 1}):
            yield vector(f"{end} of {len(data)} bytes", data[:end], "partial", size)


def lengths():
    """Refused before a body is waited for."""
    yield vector("nothing in it", b"\0", "refused")
    yield vector("nothing in it, with a checksum that fits", b"\0" + crc32c(b"\0").to_bytes(4, "little"), "refused")
    for padded in ("8000", "8100", "848000", "84808000", "8480808000", "8080808000", "ffff00"):
        yield vector(f"a length of {padded}, which is padded", bytes.fromhex(padded), "refused")
    padded = b"\x84\0" + SHORT
    sealed = padded + crc32c(padded).to_bytes(4, "little")
    yield vector("a padded length with a checksum that fits", sealed, "refused")
    for six in ("8080808080", "ffffffffff", "848080808000"):
        yield vector(f"a length that begins {six}", bytes.fromhex(six), "refused")
    for most in (1, 127, 128, 256, 16383, 16384, 65536, MOST):
        yield vector(f"a body of {most + 1} bytes where {most} are taken", varint(most + 1), "refused", most)
    for size in (2**21, 2**28, 2**32 - 1, 2**35 - 1):
        yield vector(f"a body of {size} bytes", varint(size), "refused", MOST)
    yield vector("a whole frame over what is taken", frame(body(257)), "refused", 256)


def checksums():
    """Each is another way to be wrong."""
    good = frame(SHORT)
    places = {"body's first": (1, 0x01), "body's last": (4, 0x80),
              "checksum's first": (5, 0x01), "checksum's last": (8, 0x80)}
    for said, (at, bit) in places.items():
        flipped = bytearray(good)
        flipped[at] ^= bit
        yield vector(f"a bit flipped in the {said} byte", bytes(flipped), "refused")
    covered, right = good[:-4], crc32c(good[:-4])
    for said, wrong in {
        "highest byte first": right.to_bytes(4, "big"),
        "over the body alone": crc32c(SHORT).to_bytes(4, "little"),
        "not inverted at the end": (right ^ 0xFFFFFFFF).to_bytes(4, "little"),
        "that is the CRC-32 of Ethernet": zlib.crc32(covered).to_bytes(4, "little"),
        "of zeros": bytes(4),
    }.items():
        yield vector(f"a checksum {said}", covered + wrong, "refused")
    yield vector("two bytes of the body swapped", good[:3] + good[4:2:-1] + good[5:], "refused")
    yield vector("a length one too small", b"\x03" + good[1:], "refused")
    yield vector("a byte lost, and the next frame's first in its place", good[:2] + good[3:] + good[:1], "refused")
