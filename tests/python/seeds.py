"""The seeds of fuzz/seeds, one file each, from the golden vectors of proto/vectors.

`seeds.py` writes them; `seeds.py --check` fails unless they are there as they would be written.
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT / "fuzz" / "seeds"

# As fuzz/src/lanes.rs has them: a seed says by number which message it is.
MESSAGES = """DetectionTask DetectionResult ProcessRecord FieldNote ProcessFilter HashCheck HashResult ProcessEvent
    Coverage Finding Hello Fault Credit Cancel Ping GoAway Packet""".split()

# Mutation is to reach all of a seed.
LARGEST = 1300


def main():
    wanted = {f"{target}/{name}": data for target, seeds in TARGETS.items() for name, data in seeds()}
    there = {str(file.relative_to(SEEDS)): file.read_bytes() for file in SEEDS.glob("*/*")}
    if sys.argv[1:] == ["--check"]:
        if wanted != there:
            sys.exit(f"fuzz/seeds is not what {sys.argv[0]} writes; run it without --check")
        return
    for name in there.keys() - wanted.keys():
        (SEEDS / name).unlink()
    for name, data in wanted.items():
        (SEEDS / name).parent.mkdir(parents=True, exist_ok=True)
        (SEEDS / name).write_bytes(data)


def messages():
    """Every encoding of the messages with as little as can be, and with everything."""
    seen = set()
    for vector in vectors("messages"):
        if "=" in vector["name"] or "cut to" in vector["name"]:
            continue
        for encoding in vector["encodings"]:
            seed = bytes([MESSAGES.index(vector["message"])]) + bytes_of(encoding["wire"])
            if len(seed) <= LARGEST and seed not in seen:
                seen.add(seed)
                yield f"{len(seen):03}", seed


def values():
    """Any bytes will do; those of whole messages have texts in them. Each kind of message gets some of each."""
    whole = [seed for _, seed in messages() if 100 <= len(seed) <= 400][:12]
    for kind, name in enumerate(MESSAGES):
        for number, seed in enumerate(whole):
            yield f"{name}-{number:02}", bytes([kind]) + seed[1:]


def frames():
    """Frames, whole and not, and streams of them."""
    seen = set()
    inputs = [bytes_of(vector["input"]) for vector in vectors("frames")]
    for seed in inputs + [bytes_of(vector["stream"]) for vector in vectors("packets")]:
        if 0 < len(seed) <= LARGEST and seed not in seen:
            seen.add(seed)
            yield f"{len(seen):03}", seed


def lines():
    """Both sides of every conversation, as fuzz/src/line.rs reads them."""
    for number, vector in enumerate(vectors("link")):
        sent = [sent for step in vector["steps"] for sent in step.get("sends", [])]
        bodies = {bytes_of(sent["line"]): bytes_of(sent["body"]) for sent in sent}
        for side, config in vector["sides"].items():
            steps = [step for step in vector["steps"] if step["side"] == side]
            window = bytes([{1: 0, 2: 1}.get(config["window"], 2)])
            script, begun, now = b"", False, 0
            for step in steps:
                script += waits(step["at"] - now)
                now = step["at"]
                if step.get("do") == "begin" and not begun:
                    window += step["epoch"].to_bytes(8, "little")
                    begun = True
                else:
                    script += happens(step, bodies)
            if len(window + script) <= 2 * LARGEST:
                yield f"{number:02}-{side}", window + script


def waits(time):
    return b"".join(bytes([2, min(255, units)]) for units in [round(time / 50)] if units)


def happens(step, bodies):
    if "arrives" in step:
        line = bytes_of(step["arrives"])
        return operation(1, bodies[line]) if line in bodies else operation(0, line)
    if step["do"] == "send":
        return operation(3, bytes_of(step["packet"]))
    return {"close": b"\4", "begin": b"\5", "wait": b""}[step["do"]]


def operation(code, data):
    return bytes([code]) + len(data).to_bytes(2, "little") + data


AGENT, COLLECTOR = 0, 1


def sessions():
    """What each side hears, as fuzz/src/session.rs reads it, behind the peer's Hello and with tasks to answer."""
    streams = {vector["name"]: bodies(bytes_of(vector["stream"])) for vector in vectors("packets")}
    agent, collector = streams.pop("an agent's side"), streams.pop("a collector's side")
    yield "collector", bytes([COLLECTOR]) + b"".join(operation(0, body) for body in agent)
    for number, body in enumerate(agent[1:]):
        for answer in [b"\3\1\x40\0", b"\3\1\x21\0", b"\4\1", b"\6\1\x14"]:
            yield f"collector-{number}-{answer.hex()}", (
                bytes([COLLECTOR]) + operation(0, agent[0]) + operation(0, agent[1]) + answer + operation(0, body))
    for name, bodies_heard in {"all": collector[1:], **streams}.items():
        heard = b"".join(operation(0, body) for body in bodies_heard)
        seed = bytes([AGENT]) + operation(0, collector[0]) + operation(2, b"task") + operation(2, b"task") + heard
        if len(seed) <= 2 * LARGEST:
            yield f"agent-{name.replace(' ', '_').replace(',', '')}", seed


def bodies(stream):
    found = []
    while stream:
        len, head = 0, 0
        while True:
            len |= (stream[head] & 0x7F) << 7 * head
            head += 1
            if stream[head - 1] < 0x80:
                break
        found.append(stream[head : head + len])
        stream = stream[head + len + 4 :]
    return found


TARGETS = {"bytes": frames, "line": lines, "messages": messages, "session": sessions, "values": values}


def vectors(name):
    return json.loads((ROOT / "proto" / "vectors" / f"{name}.json").read_text())


def bytes_of(notation):
    """Hexadecimal digits, a run of them, or a list of such."""
    if isinstance(notation, list):
        return b"".join(map(bytes_of, notation))
    if isinstance(notation, dict):
        return bytes_of(notation["repeat"]) * notation["times"]
    return bytes.fromhex(notation)


if __name__ == "__main__":
    main()
