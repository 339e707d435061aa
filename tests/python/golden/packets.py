"""packets.json: what one side sends, frame by frame, and results that come in chunks."""

from schema import ipc, session
from wire import frame

from golden import examples
from golden.encode import STYLES, encoded
from golden.notation import digits, form, in_runs
from golden.verdict import refusal

TASK = ipc.DetectionTask(task_id="a")


def vectors():
    return [*sides(), *chunked()]


def sides():
    """Both sides of WIRE.md's conversation, in miniature, and one of each packet."""
    yield side("an agent's side", [
        session.Packet(hello=examples.AGENT),
        session.Packet(stream=1, task=TASK),
        session.Packet(stream=3, task={}),
        session.Packet(stream=1, credit={"total": 100_000}),
        session.Packet(stream=1, cancel={}),
        session.Packet(ping=examples.PING),
        session.Packet(go_away={"last_stream": 3}),
    ])
    yield side("a collector's side", [
        session.Packet(hello=examples.COLLECTOR),
        session.Packet(stream=1, more=True, result={"task_id": "a", "processes": records(3)}),
        session.Packet(stream=3, fault={"code": "FAULT_CODE_BUSY", "message": "1 task at once"}),
        session.Packet(pong=examples.PING),
        session.Packet(stream=1, result={"task_id": "a", "success": True, "coverage": {"seen": 3}}),
        session.Packet(go_away=examples.GO_AWAY),
        session.Packet(fault={"code": "FAULT_CODE_TIMEOUT", "message": "gone"}),
    ])


def side(name, packets):
    """The bytes of a stream: frames, nothing between them."""
    data = b"".join(frame(packet.SerializeToString()) for packet in packets)
    return {"name": name, "stream": digits(data), "packets": [form(packet) for packet in packets]}


def records(count):
    return [{"pid": 1000 + index, "name": f"p{index}"} for index in range(count)]


def chunked():
    ordinary = [
        ipc.DetectionResult(task_id="a", processes=records(3)),
        ipc.DetectionResult(task_id="a", processes=records(2), events=[examples.EVENT]),
        ipc.DetectionResult(task_id="a", success=True, coverage=examples.COVERAGE, findings=[examples.FINDING]),
    ]
    yield result("a result in three chunks", ordinary)
    for style in ("reversed", "unknown fields at every depth"):
        yield result(f"a result in three chunks, {style}", ordinary, STYLES[style])
    yield result("a result in one chunk", [examples.RESULT])
    yield result("a result with nothing in it", [ipc.DetectionResult()])
    same = [ipc.ProcessRecord(name="a")] * 4096
    full = [ipc.DetectionResult(processes=same), ipc.DetectionResult(processes=same[:1], success=True)]
    yield result("more records than one chunk may have", full)


def result(name, chunks, style=None):
    """Chunks before the last have `more`; their `result` bytes, joined, are the encoding of the whole."""
    encode = (lambda message: encoded(message, style)) if style else (lambda message: message.SerializeToString())
    last = len(chunks) - 1
    packets = [session.Packet(stream=1, more=index < last, result=chunk) for index, chunk in enumerate(chunks)]
    encoding = b"".join(encode(chunk) for chunk in chunks)
    whole = ipc.DetectionResult.FromString(encoding)
    for chunk in chunks:
        if refusal("DetectionResult", encode(chunk)):
            raise ValueError(f"{name}: a chunk is refused")
    refused = refusal("DetectionResult", encoding)
    return {
        "name": name,
        "stream": digits(b"".join(frame(encode(packet)) for packet in packets)),
        "packets": in_runs([form(packet) for packet in packets]),
        "whole": form(whole),
        "whole_bytes": digits(encoding),
        **({"whole_as_one_message": refused} if refused else {}),
    }
