"""The golden vectors of proto/vectors, from protobuf's own encoder and the rules of WIRE.md.

`vectors.py` writes them; `vectors.py --check` fails unless they are there as they would be written.
"""

import sys

from golden import conversations, frames, messages, packets, refusals, stuffing
from golden.notation import page
from schema import PROTO

FILES = {
    "messages": messages,
    "refusals": refusals,
    "frames": frames,
    "packets": packets,
    "cobs": stuffing,
    "link": conversations,
}


def main():
    stale = []
    for name, kind in FILES.items():
        file, text = PROTO / "vectors" / f"{name}.json", getattr(kind, "page", page)(kind.vectors())
        if sys.argv[1:] == ["--check"]:
            stale += [] if file.is_file() and file.read_text() == text else [file.name]
        else:
            file.write_text(text)
    if stale:
        sys.exit(f"{', '.join(stale)}: not what {sys.argv[0]} writes, or not there; run it without --check")


if __name__ == "__main__":
    main()
