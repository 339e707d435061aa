"""Agent and collector against each other over real Unix sockets, and the texts of WIRE.md."""

import contextlib
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import limits
import worked_examples
from collector import Conversation, result_bodies, synthetic
from schema import PROTO, ipc, session
from wire import Broken, Line, crc32c, frame, varint

HERE = pathlib.Path(__file__).resolve().parent
RECORDS = 2000
HELLO = {"version_min": 1, "version_max": 1, "max_frame": 65536, "credit": 1, "role": "ROLE_AGENT"}


def run_agent(path, *options):
    command = [sys.executable, HERE / "agent.py", path, *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


class Collector:
    """collector.py as a process of its own, in a directory of its own."""

    def __init__(self, *options):
        self.options = [f"--records={RECORDS}", *options]

    def __enter__(self):
        self.dir = tempfile.TemporaryDirectory(prefix="eyelet-selftest-")
        self.path = f"{self.dir.name}/s"
        command = [sys.executable, HERE / "collector.py", self.path, *self.options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == self.path + "\n", self.process.stderr.read()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        _out, self.log = self.process.communicate()
        self.dir.cleanup()

    def agent(self, *options):
        return run_agent(self.path, *options)

    @contextlib.contextmanager
    def line(self, **hello):
        """A line over which both Hellos have gone."""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(self.path)
            line = Line(sock)
            line.send(hello=HELLO | hello)
            line.answer, _size = line.receive(10)
            line.peer_frame = 65536
            yield line


class TwoPrograms(unittest.TestCase):
    def test_every_record_arrives_once_whatever_the_credit(self):
        with Collector("--chunk=2000") as collector:
            for credit in ("1", "1999", "5000", "262144"):
                agent = collector.agent("--credit", credit)
                self.assertEqual((agent.returncode, agent.stderr.count("\n")), (0, 1), agent.stderr)
                rows = [json.loads(line) for line in agent.stdout.splitlines()]
                want = [synthetic(index) for index in range(RECORDS)]
                want = [{"pid": one.pid, "name": one.name, "argv": list(one.command_line)} for one in want]
                self.assertEqual(rows, want)
                coverage = f"coverage: seen: {RECORDS} matched: {RECORDS} source: EVENT_SOURCE_POLLED\n"
                self.assertEqual(agent.stderr, coverage)
        self.assertEqual(collector.log, "agent: done\n" * 4)

    def test_kinds_of_a_filter_are_joined_by_and_values_by_or(self):
        cases = [
            (["--pid=1001", "--pid=1003"], {1001, 1003}),
            (["--name=made-up-1"], set(range(1001, 1000 + RECORDS, 7))),
            (["--name=made-up-1", "--name=made-up-2", "--pid=1002", "--pid=1003"], {1002}),
            (["--name=made-up"], set()),
        ]
        with Collector() as collector:
            for options, want in cases:
                agent = collector.agent(*options)
                self.assertEqual(agent.returncode, 0, agent.stderr)
                pids = {json.loads(line)["pid"] for line in agent.stdout.splitlines()}
                self.assertEqual(pids, want, options)

    def test_a_task_over_a_limit_is_refused_with_its_name(self):
        with Collector() as collector:
            agent = collector.agent("--name", "x" * 256)
            self.assertEqual(collector.agent("--name", "x" * 255).returncode, 0)
        self.assertEqual((agent.returncode, agent.stdout), (1, ""))
        want = 'code: FAULT_CODE_INVALID message: "a limit is broken" field: "ProcessFilter.process_names"'
        self.assertIn(want + " limit: 255 seen: 256", agent.stderr)

    def test_without_a_collector_the_agent_says_so(self):
        with Collector() as collector:
            pass
        agent = collector.agent()
        self.assertEqual(agent.returncode, 1)
        self.assertIn("No such file", agent.stderr)


class AgentsRules(unittest.TestCase):
    ANSWER = HELLO | {"role": "ROLE_COLLECTOR"}

    def agent_meets(self, *packets):
        """What the agent says on stderr, and sends, when a collector sends just these."""
        sent = []

        def collect(server):
            with server.accept()[0] as sock:
                line = Line(sock)
                line.peer_frame = 65536
                for packet in packets:
                    line.sock.sendall(packet) if isinstance(packet, bytes) else line.send(**packet)
                sock.shutdown(socket.SHUT_WR)
                with contextlib.suppress(ConnectionError):
                    sent.extend(iter(lambda: line.receive(10)[0], None))

        with tempfile.TemporaryDirectory() as directory, socket.socket(socket.AF_UNIX) as server:
            path = f"{directory}/s"
            server.bind(path)
            server.listen()
            thread = threading.Thread(target=collect, args=[server])
            thread.start()
            agent = run_agent(path)
            thread.join(20)
        return agent.returncode, agent.stderr, sent

    def test_a_collector_that_breaks_a_rule_is_told_which(self):
        hello = {"hello": self.ANSWER}
        damaged = bytearray(frame(session.Packet(**hello).SerializeToString()))
        damaged[-1] ^= 1
        cases = [
            ([bytes(damaged)], "CHECKSUM"),
            ([b"\x00"], "MALFORMED"),
            ([hello, frame(b"\x0b")], "MALFORMED"),
            ([hello, varint(65537)], "TOO_LARGE"),
            ([{"hello": HELLO}], "ROLE"),
            ([{"hello": self.ANSWER | {"version_min": 2, "version_max": 3}}], "VERSION"),
            ([hello, {"stream": 3, "result": {}}], "STREAM"),
            ([hello, {"stream": 1, "cancel": {}}], "STREAM"),
        ]
        for packets, want in cases:
            code, stderr, sent = self.agent_meets(*packets)
            self.assertEqual(code, 1, want)
            self.assertIn(f"the collector breaks the protocol: {want}: ", stderr)
            self.assertEqual(sent[-1].fault.code, session.FaultCode.Value("FAULT_CODE_" + want))

    def test_a_refusal_before_any_hello_is_read(self):
        fault = {"code": "FAULT_CODE_UNAUTHORIZED", "message": "uid 65534 is not served"}
        code, stderr, _sent = self.agent_meets({"fault": fault})
        want = 'a fault: code: FAULT_CODE_UNAUTHORIZED message: "uid 65534 is not served"'
        self.assertEqual((code, want in stderr), (1, True), stderr)

    def test_a_line_that_ends_early_is_cut_and_pings_are_answered(self):
        record = {"pid": 1, "name": "init"}
        chunk = {"stream": 1, "more": True, "result": {"processes": [record]}}
        code, stderr, sent = self.agent_meets({"hello": self.ANSWER}, {"ping": {"nonce": 9}}, chunk)
        self.assertEqual((code, "the line was cut; 1 records had come" in stderr), (1, True), stderr)
        self.assertEqual([packet.WhichOneof("body") for packet in sent], ["hello", "task", "pong", "credit"])

    def test_a_task_that_failed_is_not_a_success(self):
        result = {"stream": 1, "result": {"error_message": "no /proc here"}}
        code, stderr, sent = self.agent_meets({"hello": self.ANSWER}, result)
        self.assertEqual((code, stderr), (1, "the task failed: no /proc here\n"))
        self.assertEqual(sent[-1].go_away.last_stream, 1)


class CollectorsRules(unittest.TestCase):
    def results_before_five_pongs(self, *options):
        """What a collector with chunks of about 2,000 bytes sends an agent that grants nothing."""
        with Collector("--chunk=2000", *options) as collector, collector.line(credit=2001) as line:
            line.send(stream=1, task={})
            results = 0
            for nonce in range(5):
                line.send(ping={"nonce": nonce})
                while (packet := line.receive(10)[0]).HasField("result"):
                    results += 1
                self.assertEqual(packet.pong.nonce, nonce)
            return results

    def test_credit_that_is_spent_stops_a_stream_and_without_the_rule_it_would_go_on(self):
        self.assertEqual(self.results_before_five_pongs(), 2)
        self.assertGreater(self.results_before_five_pongs("--ignore-credit"), 2)

    def test_a_wrong_hello_gets_its_fault(self):
        cases = [
            ({"version_min": 2, "version_max": 3}, session.FAULT_CODE_VERSION),
            ({"role": "ROLE_COLLECTOR"}, session.FAULT_CODE_ROLE),
            ({"credit": 0}, session.FAULT_CODE_MALFORMED),
            ({"max_frame": 255}, session.FAULT_CODE_MALFORMED),
            ({"software": "x" * 65}, session.FAULT_CODE_MALFORMED),
        ]
        with Collector() as collector:
            for hello, want in cases:
                with collector.line(**hello) as line:
                    self.assertTrue(line.answer.HasField("hello"))
                    packet, size = line.receive(10)
                    self.assertEqual(packet.fault.code, want, hello)
                    self.assertLessEqual(size, 256)
                    self.assertEqual(line.receive(10), (None, 0))
            self.assertEqual(collector.agent("--pid=1000").returncode, 0)

    def test_a_packet_out_of_place_ends_the_connection(self):
        cases = [
            {"stream": 2, "task": {}},
            {"task": {}},
            {"stream": 1, "result": {}},
            {"stream": 1, "cancel": {}},
            {"stream": 1, "ping": {"nonce": 1}},
            {"stream": 1, "fault": {}},
            {"credit": {"total": 1}},
            {"hello": HELLO},
        ]
        with Collector() as collector:
            for fields in cases:
                with collector.line() as line:
                    line.send(**fields)
                    packet, _size = line.receive(10)
                self.assertEqual((packet.stream, packet.fault.code), (0, session.FAULT_CODE_STREAM), fields)

    def test_a_stream_ends_with_one_terminal_packet_and_then_is_quiet(self):
        with Collector("--chunk=2000") as collector, collector.line() as line:
            line.send(stream=1, task={})
            line.send(stream=3, task={"task_type": 99})
            line.send(stream=1, cancel={})
            line.send(stream=1, credit={"total": 1 << 40})
            line.send(stream=5, task={"deadline_ms": 50})
            ends = {}
            while len(ends) < 3:
                packet, _size = line.receive(10)
                if packet.HasField("fault"):
                    self.assertNotIn(packet.stream, ends)
                    ends[packet.stream] = packet.fault.code
            line.send(ping={"nonce": 7})
            self.assertEqual(line.receive(10)[0].pong.nonce, 7)
            want = {1: "CANCELLED", 3: "UNSUPPORTED", 5: "TIMEOUT"}
            want = {stream: session.FaultCode.Value("FAULT_CODE_" + code) for stream, code in want.items()}
            self.assertEqual(ends, want)

    def test_a_task_over_max_streams_is_busy_and_the_others_go_on(self):
        with Collector("--chunk=2000") as collector, collector.line() as line:
            streams = range(1, 11, 2)
            for stream in streams:
                line.send(stream=stream, task={"task_id": str(stream)})
            records, open_streams = dict.fromkeys(streams, 0), set(streams)
            while open_streams:
                packet, _size = line.receive(10)
                if packet.HasField("fault"):
                    self.assertEqual((packet.stream, packet.fault.code), (9, session.FAULT_CODE_BUSY))
                records[packet.stream] += len(packet.result.processes)
                line.send(stream=packet.stream, credit={"total": 1 << 40})
                if not packet.more:
                    open_streams.remove(packet.stream)
        self.assertEqual(records, dict.fromkeys(streams, RECORDS) | {9: 0})

    def test_an_agent_that_shuts_its_sending_half_gets_its_result(self):
        with Collector() as collector, collector.line(credit=1 << 40) as line:
            line.send(stream=1, task={})
            line.sock.shutdown(socket.SHUT_WR)
            chunks = list(iter(lambda: line.receive(10)[0], None))
            self.assertEqual(sum(len(chunk.result.processes) for chunk in chunks), RECORDS)
            self.assertEqual([chunk.more for chunk in chunks], [True] * (len(chunks) - 1) + [False])

    def test_unknown_bodies_are_skipped(self):
        with Collector() as collector, collector.line() as line:
            line.send_body(varint(100 << 3 | 2) + b"\0")
            line.send(ping={"nonce": 8})
            self.assertEqual(line.receive(10)[0].pong.nonce, 8)

    def test_chunks_joined_are_the_whole_result_and_within_every_limit(self):
        options = type("Options", (), {"records": 500, "chunk": 1000})
        bodies = list(result_bodies(1, ipc.DetectionTask(task_id="t"), options, 65536))
        packets = [session.Packet.FromString(body) for body, _last in bodies]
        self.assertLessEqual(max(len(body) for body, _last in bodies), 1000)
        self.assertGreater(len(bodies), 10)
        whole = ipc.DetectionResult.FromString(b"".join(one.result.SerializeToString() for one in packets))
        self.assertEqual(list(whole.processes), [synthetic(index) for index in range(500)])
        self.assertEqual((whole.success, whole.coverage.matched), (True, 500))
        self.assertEqual([limits.broken(one.result) for one in packets], [None] * len(packets))
        self.assertEqual(limits.broken(ipc.DetectionResult(processes=[{}])), ("ProcessRecord.name", 1, 0))


class Frames(unittest.TestCase):
    FRAME = frame(session.Packet(hello=HELLO).SerializeToString())

    def received(self, data, max_frame=65536):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.sendall(data)
            theirs.shutdown(socket.SHUT_WR)
            return Line(ours, max_frame).receive(10)[0]

    def test_the_check_value(self):
        self.assertEqual(crc32c(b"123456789"), 0xE3069283)

    def test_every_flipped_bit_and_every_cut_is_noticed(self):
        self.assertEqual(self.received(self.FRAME).hello.max_frame, 65536)
        for bit in range(len(self.FRAME) * 8):
            damaged = bytearray(self.FRAME)
            damaged[bit // 8] ^= 1 << bit % 8
            with self.assertRaises((Broken, ConnectionError), msg=f"bit {bit}"):
                self.received(damaged)
        for end in range(1, len(self.FRAME)):
            with self.assertRaises(ConnectionError, msg=f"cut at {end}"):
                self.received(self.FRAME[:end])

    def test_a_length_is_refused_before_the_body(self):
        cases = [
            (b"\x00", "MALFORMED"),
            (b"\x9e\x00", "MALFORMED"),
            (b"\x81\x80\x80\x80\x00", "MALFORMED"),
            (b"\xff\xff\xff\xff\xff", "MALFORMED"),
            (b"\x81\x02", "TOO_LARGE"),
            (b"\xff\xff\xff\xff\x0f", "TOO_LARGE"),
        ]
        for head, want in cases:
            with self.assertRaises(Broken) as broken:
                self.received(head, max_frame=256)
            self.assertEqual(broken.exception.code, want, head.hex())
        with self.assertRaises(ConnectionError):
            self.received(b"\x80\x02", max_frame=256)

    def test_a_frame_that_dawdles_is_cut(self):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.sendall(self.FRAME[:-1])
            began = time.monotonic()
            with self.assertRaises(Broken) as broken:
                Line(ours).receive(10)
            self.assertEqual(broken.exception.code, "TIMEOUT")
            self.assertLess(abs(time.monotonic() - began - 5), 1)

    def test_an_agent_that_says_go_away_ends_the_conversation(self):
        ours, theirs = socket.socketpair()
        ends = []
        conversation = Conversation(ours, None)
        thread = threading.Thread(target=lambda: ends.append(conversation.run()))
        with ours, theirs:
            thread.start()
            line = Line(theirs)
            line.send(hello=HELLO)
            line.send(go_away={"last_stream": 0})
            thread.join(10)
        self.assertEqual(ends, ["done"])


class Texts(unittest.TestCase):
    def test_wire_md_has_these_examples_and_this_table(self):
        text = (PROTO / "WIRE.md").read_text()
        self.assertIn(worked_examples.render(), text)
        self.assertIn(limits.table(), text)

    def test_an_example_with_one_digit_changed_is_noticed(self):
        text = (PROTO / "WIRE.md").read_text()
        with tempfile.NamedTemporaryFile("w", suffix=".md") as file:
            for changed, want in ((text, 0), (text.replace("= 0bd1616f", "= 0bd1616e"), 1)):
                file.seek(0)
                file.write(changed)
                file.flush()
                command = [sys.executable, HERE / "worked_examples.py", "--check", file.name]
                self.assertEqual(subprocess.run(command, capture_output=True, check=False).returncode, want)


if __name__ == "__main__":
    unittest.main()
