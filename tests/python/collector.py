"""A collector with made-up processes: an independent server to try a client against.

It has no budgets (rule 9) and trusts whoever may open its socket. Prints the path on stdout once
it is listening, serves until SIGINT or SIGTERM.
"""

import argparse
import os
import signal
import socket
import sys
import threading
import time

import limits
from schema import ipc, session
from wire import Broken, Line, varint

MAX_STREAMS = 4
IDLE = 600  # seconds without a stream after which an agent is sent away (rule 10)
FREE = 256  # a terminal result of at most this many body bytes needs no credit (rule 7)


class Stream:
    """One task: what is still to be sent, and how far it may go."""

    def __init__(self, bodies, credit, deadline):
        self.bodies, self.sent, self.credit, self.deadline = bodies, 0, credit, deadline
        self.body, self.last = next(bodies)

    def may_send(self):
        return self.sent < self.credit or (self.last and len(self.body) <= FREE)


class Refused(Exception):
    """A task that is answered by a Fault on its stream: (code, message, further fields)."""


class Conversation:
    """One agent, from its Hello to its end."""

    def __init__(self, sock, options):
        self.line, self.options = Line(sock), options
        self.streams, self.highest, self.going_away, self.ended = {}, 0, False, False

    def run(self):
        try:
            self.greet()
            while not self.over():
                self.expire()
                sent = [self.advance(stream) for stream in list(self.streams)]
                self.take(0 if any(sent) else self.patience())
        except Broken as broken:
            self.line.refuse(broken)
            return str(broken)
        except OSError as error:
            return f"cut: {error}"
        if not self.going_away or self.streams:
            return "cut"
        self.line.send(go_away={"reason": "done", "last_stream": self.highest})
        return "done"

    def over(self):
        stuck = not any(stream.may_send() for stream in self.streams.values())
        return (self.ended and (stuck or self.line.deaf)) or (self.going_away and not self.streams)

    def greet(self):
        """Rules 1 and 2: both sides send their Hello at once."""
        self.line.send(hello={"version_min": 1, "version_max": 1, "max_frame": self.line.max_frame,
                              "max_streams": MAX_STREAMS, "software": "python-collector",
                              "tasks": ["ENUMERATE_PROCESSES"], "role": "ROLE_COLLECTOR"})
        packet, size = self.line.receive(10)
        if packet is None or packet.HasField("fault"):
            raise ConnectionError("no Hello came")
        hello = packet.hello
        if not packet.HasField("hello") or packet.stream or limits.broken(hello) or size > 128:
            raise Broken("MALFORMED", "the first packet is no Hello")
        if not hello.version_min <= 1 <= hello.version_max:
            old = "collector" if hello.version_min > 1 else "agent"
            theirs = f"{hello.version_min} to {hello.version_max}"
            raise Broken("VERSION", f"we speak 1 to 1, you {theirs}: upgrade the {old}")
        if hello.role != session.ROLE_AGENT:
            raise Broken("ROLE", "a collector speaks to an agent only")
        if not hello.credit or not 256 <= hello.max_frame <= 1 << 20:
            raise Broken("MALFORMED", "credit is 0, or max_frame not 256 to 1048576")
        self.line.peer_frame, self.credit = hello.max_frame, hello.credit

    def take(self, patience):
        """Handles one packet, if one comes in time."""
        if self.ended:
            return
        if not self.line.readable(patience):
            self.going_away = self.going_away or patience == IDLE
            return
        packet, _size = self.line.receive(0)
        if packet is None:
            self.ended = True
            return
        body, stream = packet.WhichOneof("body"), packet.stream
        if body is None:
            return  # a body of a later version (rule 9)
        if body in ("hello", "result") or (stream == 0) == (body in ("task", "credit", "cancel")):
            raise Broken("STREAM", f"`{body}` does not belong on stream {stream}")
        if body not in ("task", "fault") and limits.broken(getattr(packet, body)):
            raise Broken("MALFORMED", f"`{body}` breaks a limit")
        getattr(self, "take_" + body)(stream, getattr(packet, body))

    def take_task(self, stream, task):
        if stream % 2 == 0 or stream <= self.highest or self.going_away:
            raise Broken("STREAM", f"a task cannot open stream {stream}")
        self.highest = stream
        try:
            self.streams[stream] = self.begin(stream, task)
        except Refused as refused:
            self.end(stream, *refused.args)

    def begin(self, stream, task):
        if len(self.streams) >= MAX_STREAMS:
            raise Refused("BUSY", f"{MAX_STREAMS} tasks are under way")
        if task.task_type != ipc.ENUMERATE_PROCESSES:
            further = {"field": "DetectionTask.task_type"}
            raise Refused("UNSUPPORTED", f"no task of type {task.task_type} here", further)
        if found := limits.broken(task):
            raise Refused("INVALID", "a limit is broken", dict(zip(("field", "limit", "seen"), found)))
        if task.process_filter.executable_pattern:
            raise Refused("UNSUPPORTED", "no globs here", {"field": "ProcessFilter.executable_pattern"})
        limited = task.HasField("deadline_ms")
        deadline = time.monotonic() + task.deadline_ms / 1000 if limited else float("inf")
        bodies = result_bodies(stream, task, self.options, self.line.peer_frame)
        return Stream(bodies, self.credit, deadline)

    def take_credit(self, stream, credit):
        if known := self.known(stream):
            known.credit = max(known.credit, credit.total)

    def take_cancel(self, stream, _cancel):
        if self.known(stream):
            self.end(stream, "CANCELLED", "as the agent asked")

    def take_ping(self, _stream, ping):
        self.line.send(pong=ping)

    def take_pong(self, _stream, _pong):
        pass  # a collector does not ping

    def take_go_away(self, _stream, _go_away):
        self.going_away = True

    def take_fault(self, stream, fault):
        if stream:
            raise Broken("STREAM", "only the collector faults a stream")
        raise ConnectionError(f"the agent's fault: {fault.message}")

    def known(self, stream):
        """The stream, None if it has ended; rule 6 for one that never was."""
        if stream > self.highest or stream % 2 == 0:
            raise Broken("STREAM", f"stream {stream} was never opened")
        return self.streams.get(stream)

    def expire(self):
        now = time.monotonic()
        for stream in [number for number, known in self.streams.items() if known.deadline <= now]:
            self.end(stream, "TIMEOUT", "the task's deadline has passed")

    def patience(self):
        """Seconds until the next deadline; `IDLE` without a stream."""
        if not self.streams:
            return IDLE
        nearest = min(stream.deadline for stream in self.streams.values())
        return min(max(nearest - time.monotonic(), 0), IDLE - 1)

    def advance(self, number):
        """Sends one chunk where credit allows it, and says whether it did."""
        stream = self.streams[number]
        if not stream.may_send() and not self.options.ignore_credit:
            return False
        self.line.send_body(stream.body)
        stream.sent += len(stream.body)
        if stream.last:
            del self.streams[number]
        else:
            stream.body, stream.last = next(stream.bodies)
        return True

    def end(self, stream, code, message, further=None):
        fault = {"code": "FAULT_CODE_" + code, "message": message, **(further or {})}
        self.line.send(stream=stream, fault=fault)
        self.streams.pop(stream, None)


def result_bodies(stream, task, options, max_frame):
    """(encoded Packet, whether it is the terminal one), chunk by chunk (rule 5)."""
    coverage = ipc.Coverage(source="EVENT_SOURCE_POLLED")
    room = min(options.chunk, max_frame)
    chunk = empty = session.Packet(stream=stream, more=True, result={"task_id": task.task_id})
    used = base = empty.ByteSize() + 4  # the result's length may take up to 4 bytes more
    for record in records(task.process_filter, options.records, coverage):
        size = record.ByteSize()
        size += 1 + len(varint(size))
        if base + size > room:
            coverage.left_out += 1
            continue
        if used + size > room:
            yield chunk.SerializeToString(), False
            chunk, used = empty, base
        if chunk is empty:
            chunk = session.Packet()
            chunk.CopyFrom(empty)
        chunk.result.processes.append(record)
        used += size
    if chunk is not empty:
        yield chunk.SerializeToString(), False
    result = {"task_id": task.task_id, "success": True, "coverage": coverage}
    yield session.Packet(stream=stream, result=result).SerializeToString(), True


def records(process_filter, count, coverage):
    """Names and pids are joined by AND, values of one kind by OR; an empty filter passes all."""
    names, pids = set(process_filter.process_names), set(process_filter.pids)
    for index in range(count):
        coverage.seen += 1
        record = synthetic(index)
        if (not names or record.name in names) and (not pids or record.pid in pids):
            coverage.matched += 1
            yield record


def synthetic(index):
    """Process 1000 + index, of seven names, with an empty argument between two others."""
    pid, name = 1000 + index, f"made-up-{index % 7}"
    return ipc.ProcessRecord(
        pid=pid, ppid=1, name=name, executable_path=f"/opt/{name}", command_line=[name, "", f"n={index}"],
        start_time=1_700_000_000 + index, memory_usage=4096 * index, user_id="1000", accessible=True,
        file_exists=True, collection_time=1_700_000_000_000, entity_id=f"boot:{pid}:{index}",
    )


def listen(path):
    """A socket that is born 0600; the caller picks a directory that nobody else can write to."""
    sock = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    sock.bind(path)
    os.umask(before)
    sock.listen(16)
    return sock


def serve(sock, options):
    peer, _address = sock.accept()

    def converse():
        with peer:
            print("agent:", Conversation(peer, options).run(), file=sys.stderr, flush=True)

    threading.Thread(target=converse, daemon=True).start()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", help="where to listen; must not exist")
    parser.add_argument("--records", type=int, default=1000)
    parser.add_argument("--chunk", type=int, default=16 * 1024, help="body bytes of one result at most")
    parser.add_argument("--ignore-credit", action="store_true", help="break rule 7, to see it noticed")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with listen(options.path) as sock:
        print(options.path, flush=True)
        try:
            while True:
                serve(sock, options)
        except KeyboardInterrupt:
            pass
        finally:
            os.unlink(options.path)


if __name__ == "__main__":
    main()
