"""The wire of proto/WIRE.md: CRC-32C, frames, packets, and a line that carries them.

agent.py shares nothing with it, so that each checks the other.
"""

import base64
import select
import socket
import time

from google.protobuf.message import DecodeError

from schema import session

FRAME_DEADLINE = 5  # seconds from a frame's first byte to its last (rule 12)
STALL_DEADLINE = 300  # seconds after which a peer that does not read is cut (rule 10)
READ_AHEAD = 1 << 20  # bytes taken in while a write waits

CRC_TABLE = []
for entry in range(256):
    for _ in range(8):
        entry = entry >> 1 ^ (0x82F63B78 if entry & 1 else 0)
    CRC_TABLE.append(entry)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def varint(number):
    head = b""
    while number > 0x7F:
        head, number = head + bytes([number & 0x7F | 0x80]), number >> 7
    return head + bytes([number])


def frame(body):
    framed = varint(len(body)) + body
    return framed + crc32c(framed).to_bytes(4, "little")


class Broken(Exception):
    """The peer broke the protocol, or the line; `code` is a FaultCode without its prefix."""

    def __init__(self, code, text):
        super().__init__(f"{code}: {text}")
        self.code, self.text = code, text


class Line:
    """A stream socket that carries packets.

    `peer_frame` is 256 until the peer's Hello is read. A write that fails sets `deaf` and is no
    error: reading goes on, and meets the peer's last words or the end (rule 13).
    """

    def __init__(self, sock, max_frame=65536):
        sock.setblocking(False)
        self.sock, self.max_frame, self.peer_frame = sock, max_frame, 256
        self.inbound, self.ended, self.deaf = bytearray(), False, False

    def send(self, **fields):
        self.send_body(session.Packet(**fields).SerializeToString())

    def send_body(self, body):
        """Goes on reading while its write waits, so that two writers cannot wait for each other."""
        if len(body) > self.peer_frame:
            raise ValueError(f"a body of {len(body)} bytes, the peer accepts {self.peer_frame}")
        data, deadline = frame(body), time.monotonic() + STALL_DEADLINE
        while data and not self.deaf:
            readers = [] if self.ended or len(self.inbound) >= READ_AHEAD else [self.sock]
            readable, writable = self._wait(readers, [self.sock], deadline)
            try:
                if readable:
                    self._fill()
                if writable:
                    data = data[self.sock.send(data) :]
            except (BrokenPipeError, ConnectionResetError):
                self.deaf = True

    def readable(self, patience):
        """Whether bytes or the end of the stream are there after at most `patience` seconds."""
        return bool(self.inbound or self.ended or select.select([self.sock], [], [], patience)[0])

    def receive(self, patience):
        """A packet and the size of its body; (None, 0) at an end of stream between two frames.

        TimeoutError when no frame has begun after `patience` seconds.
        """
        head = self._some(1, time.monotonic() + patience)
        if not head:
            return None, 0
        try:
            return self._rest_of_frame(head, time.monotonic() + FRAME_DEADLINE)
        except TimeoutError:
            raise Broken("TIMEOUT", f"a frame took longer than {FRAME_DEADLINE} s") from None

    def refuse(self, broken):
        """Says why on stream 0, sends nothing more, and discards input for a second (rule 13)."""
        code = session.FaultCode.Value("FAULT_CODE_" + broken.code)
        try:
            self.send(fault={"code": code, "message": broken.text[:128]})
            self.sock.shutdown(socket.SHUT_WR)
            deadline = time.monotonic() + 1
            while self._some(READ_AHEAD, deadline):
                pass
        except OSError:
            pass  # the second is over, or the peer has gone: nobody is left to be told

    def _rest_of_frame(self, head, deadline):
        while head[-1] & 0x80 and len(head) < 5:
            head += self._exactly(1, deadline)
        length = sum((byte & 0x7F) << 7 * place for place, byte in enumerate(head))
        if length == 0 or head != varint(length):
            raise Broken("MALFORMED", "a frame's length is 0 or not in its shortest form")
        if length > self.max_frame:
            raise Broken("TOO_LARGE", f"a body of {length} bytes, {self.max_frame} are accepted")
        body = self._exactly(length, deadline)
        if self._exactly(4, deadline) != crc32c(head + body).to_bytes(4, "little"):
            raise Broken("CHECKSUM", "a frame's CRC-32C is wrong")
        try:
            return session.Packet.FromString(body), length
        except DecodeError as error:
            raise Broken("MALFORMED", f"not a Packet: {error}") from None

    def _exactly(self, count, deadline):
        data = b""
        while len(data) < count:
            more = self._some(count - len(data), deadline)
            if not more:
                raise ConnectionError("the line was cut inside a frame")
            data += more
        return data

    def _some(self, count, deadline):
        """At most `count` bytes, at least one; none at the end of the stream."""
        while not self.inbound and not self.ended:
            self._wait([self.sock], [], deadline)
            self._fill()
        data = bytes(self.inbound[:count])
        del self.inbound[:count]
        return data

    def _fill(self):
        data = self.sock.recv(65536)
        self.inbound += data
        self.ended = not data

    @staticmethod
    def _wait(readers, writers, deadline):
        readable, writable, _ = select.select(readers, writers, [], max(deadline - time.monotonic(), 0))
        if not readable and not writable:
            raise TimeoutError("the peer does not move")
        return readable, writable


def plain(message):
    """The fields that are there, as in the command's JSON: enums by name, bytes in base64."""

    def value(field, item):
        if field.message_type:
            return plain(item)
        if field.enum_type:
            known = field.enum_type.values_by_number.get(item)
            return known.name if known else item
        return base64.b64encode(item).decode() if isinstance(item, bytes) else item

    return {
        field.name: [value(field, item) for item in items] if field.is_repeated else value(field, items)
        for field, items in message.ListFields()
    }
