"""The messages of proto/eyelet/v1, compiled by protoc when this is imported."""

import pathlib
import sys
import tempfile

from grpc_tools import protoc

PROTO = pathlib.Path(__file__).resolve().parents[2] / "proto"


def compile_schema():
    include = pathlib.Path(protoc.__file__).parent / "_proto"
    files = sorted(str(path) for path in PROTO.glob("eyelet/v1/*.proto"))
    with tempfile.TemporaryDirectory(prefix="eyelet-python-") as out:
        if protoc.main(["protoc", f"-I{PROTO}", f"-I{include}", f"--python_out={out}", *files]):
            sys.exit(f"protoc does not compile the schema in {PROTO}")
        sys.path.insert(0, out)
        from eyelet.v1 import ipc_pb2, limits_pb2, session_pb2
        sys.path.remove(out)
    return ipc_pb2, limits_pb2, session_pb2


ipc, limits, session = compile_schema()
