"""One message of each type with a value in every field, for people to read."""

from schema import ipc, session

FILTER = ipc.ProcessFilter(
    process_names=["cat", "sleep", "", "b\u00e4r \u20ac \U0001f600"], pids=[1, 4242, 0, 2**32 - 1],
    executable_pattern="/usr/**/*.so",
)
CHECK = ipc.HashCheck(expected_hash="00ff" * 16, hash_algorithm="sha256", executable_path="/usr/bin/cat")
TASK = ipc.DetectionTask(
    task_id="t-1", task_type="CHECK_PROCESS_HASH", process_filter=FILTER, hash_check=CHECK,
    metadata='{"ticket": 7}', duration_ms=60000, deadline_ms=5000,
)
NOTE = ipc.FieldNote(field=5, kind="NOTE_KIND_NOT_UTF8")
RECORD = ipc.ProcessRecord(
    pid=4242, ppid=1, name="cat", executable_path="/usr/bin/cat",
    command_line=["cat", "", "caf\ufffd"], start_time=1_700_000_000, cpu_usage=12.5,
    memory_usage=1_048_576, executable_hash="00ff" * 16, hash_algorithm="sha256", user_id="1000",
    accessible=True, file_exists=True, collection_time=1_700_000_060_250, on_disk_mismatch=True,
    entity_id="b1:4242:99", name_raw=b"ca\xff", executable_path_raw=b"/usr/bin/ca\xff",
    command_line_raw=[b"cat", b"", b"caf\xe9"], notes=[NOTE, {"field": 4, "kind": "NOTE_KIND_CUT"}],
)
HASH = ipc.HashResult(
    hash_value="00ff" * 16, algorithm="sha256", file_path="/usr/bin/cat", success=True,
    error_message="it changed", matched=True, pid=4242, size=35_280, changed_while_read=True,
)
EVENT = ipc.ProcessEvent(
    kind="EVENT_KIND_EXITED", time=1_700_000_060_250, process={"pid": 7, "name": "sh"}, exit_code=-1, signal=9,
)
COVERAGE = ipc.Coverage(
    seen=87, matched=80, denied=3, vanished=2, cut=1, left_out=4, events_dropped=5,
    source="EVENT_SOURCE_POLLED", poll_interval_ms=500,
)
FINDING = ipc.Finding(
    kind="FINDING_KIND_HASH_MISMATCH", pid=4242, path="/usr/bin/cat", expected="00ff", actual="ff00",
    detail="changed",
)
RESULT = ipc.DetectionResult(
    task_id="t-1", success=True, error_message="almost", processes=[RECORD, {"pid": 1, "name": "init"}],
    hash_result=HASH, events=[EVENT, {}], coverage=COVERAGE, findings=[FINDING, {}], hash_results=[HASH, {}],
)
AGENT = session.Hello(
    version_min=1, version_max=1, max_frame=65536, credit=262144, software="python-agent", role="ROLE_AGENT",
)
COLLECTOR = session.Hello(
    version_min=1, version_max=2, max_frame=1 << 20, max_streams=64, credit=1, software="eyelet 0.1.0 linux-x86_64",
    tasks=["ENUMERATE_PROCESSES", "CHECK_PROCESS_HASH", "MONITOR_PROCESS_TREE", "VERIFY_EXECUTABLE"],
    role="ROLE_COLLECTOR",
)
FAULT = session.Fault(
    code="FAULT_CODE_INVALID", message="129 bytes, at most 128", field="DetectionTask.task_id", limit=128, seen=129,
)
GO_AWAY = session.GoAway(reason="shutting down", last_stream=7)
PING = session.Ping(nonce=0x0123456789ABCDEF)

MESSAGES = [
    TASK, RESULT, RECORD, NOTE, FILTER, CHECK, HASH, EVENT, COVERAGE, FINDING, COLLECTOR, FAULT,
    session.Credit(total=100_000), session.Cancel(), PING, GO_AWAY,
]
PACKETS = {
    "hello": session.Packet(hello=AGENT),
    "task": session.Packet(stream=1, task=TASK),
    "result": session.Packet(stream=2**31 - 1, more=True, result=RESULT),
    "fault": session.Packet(stream=3, fault=FAULT),
    "credit": session.Packet(stream=1, credit={"total": 100_000}),
    "cancel": session.Packet(stream=1, cancel={}),
    "ping": session.Packet(ping=PING),
    "pong": session.Packet(pong=PING),
    "go_away": session.Packet(go_away=GO_AWAY),
}
# Small enough to be cut at every place, with a field of each kind.
SMALL = [
    ipc.ProcessRecord(
        pid=300, name="sh", command_line=["-c", ""], start_time=-1, cpu_usage=2.5, accessible=True,
        name_raw=b"\xff", notes=[{"field": 21, "kind": "NOTE_KIND_CUT"}],
    ),
    session.Packet(stream=1, task={"task_id": "t", "process_filter": {"process_names": ["a"], "pids": [1, 300]}}),
    session.Packet(ping=PING),
    session.Hello(version_max=1, software="a", tasks=[0, 3], role="ROLE_AGENT"),
]
TYPES = {one.DESCRIPTOR.name: type(one) for one in [*MESSAGES, session.Packet()]}


def smallest(name):
    """The smallest message of its name that is legal."""
    return ipc.ProcessRecord(name="a") if name == "ProcessRecord" else TYPES[name]()
