"""One side of a serial line, by the chapter "The serial link" of WIRE.md and nothing else.

Plain and slow: lists of packets, no buffers. Time is whatever the caller says it is.
"""

import struct

from wire import crc32c, frame, varint

ACK, NAK, RESET, RESET_ACK = 0b01000, 0b01001, 0b10000, 0b11000
REPEATS = 16  # in a row, without anything acknowledged (L8)


def cobs(data):
    """Bytes without a 00: each piece up to a 00, or of 254 bytes, behind its length plus one."""
    line = b""
    for piece in data.split(b"\0"):
        while len(piece) >= 254:
            line, piece = line + b"\xff" + piece[:254], piece[254:]
        line += bytes([len(piece) + 1]) + piece
    return line


def uncobs(line):
    """What `line` was made of; None if nothing can have been made into it."""
    data, at = b"", 0
    while at < len(line):
        code = line[at]
        piece, at = line[at + 1 : at + code], at + code
        if at > len(line):
            return None
        data += piece + (b"\0" if code < 255 and at < len(line) else b"")
    return data


def line_of(body):
    return cobs(frame(body)) + b"\0"


def body_of(line, max_frame):
    """The body of what stood between two 00; None is damage."""
    framed = uncobs(line)
    for place in range(5):
        head = (framed or b"")[: place + 1]
        if head and head[-1] < 0x80:
            break
    size = sum((byte & 0x7F) << 7 * place for place, byte in enumerate(head))
    is_whole = framed and head == varint(size) and len(framed) == len(head) + size + 4
    if not is_whole or not 1 <= size <= max_frame + 1 or crc32c(framed[:-4]).to_bytes(4, "little") != framed[-4:]:
        return None
    return framed[len(head) : -4]


def data(number, expected, packet):
    return bytes([number << 3 | expected]) + packet


def control(kind, low, *epochs):
    """ACK and NAK with a, RESET and RESET-ACK with w and epochs."""
    return bytes([kind << 3 | low]) + struct.pack(f"<{len(epochs)}Q", *epochs)


def parts(body):
    """(kind or number, low bits, packet or epochs), by the table; None is damage."""
    kind, low, rest = body[0] >> 3, body[0] & 7, body[1:]
    if kind < 8:
        return (kind, low, rest) if rest else None
    if kind in (ACK, NAK):
        return (kind, low, ()) if not rest else None
    count = {RESET: 1, RESET_ACK: 2}.get(kind)
    if not count or len(rest) != 8 * count or not low:
        return None
    epochs = struct.unpack(f"<{count}Q", rest)
    return (kind, low, epochs) if all(epochs) else None


class Side:
    """`sends`, `delivers` and `session` are what has happened since `taken` was called."""

    def __init__(self, window, max_frame, repeat):
        self.window, self.max_frame, self.repeat = window, max_frame, repeat
        self.now, self.timer = 0, None
        self.epoch, self.answered, self.peer, self.peer_window = None, False, None, None
        self.in_session = self.closing = self.silent = False
        self.received = b""
        self.clear()
        self.sends, self.delivers, self.session = [], [], []

    def clear(self):
        """Nothing is left of a session; all numbers are 0."""
        self.oldest = self.expected = self.repeats = 0
        self.outstanding, self.waiting = [], []
        self.gap_told = False
        self.timer = None

    def taken(self):
        happened = self.sends, self.delivers, self.session
        self.sends, self.delivers, self.session = [], [], []
        return happened

    def begin(self, epoch):
        """L1."""
        self.epoch, self.answered = epoch, False
        self.in_session = self.closing = self.silent = False
        self.clear()
        self.ask()

    def send(self, packet):
        """Takes over a packet; it goes out when the peer's window allows (L5)."""
        assert self.in_session and not self.closing and len(self.outstanding + self.waiting) < self.window
        self.waiting.append(packet)
        self.fill()

    def close(self):
        """L9."""
        self.closing = True
        self.fall_silent()

    def wait(self, now):
        """Time has passed; the timer may have run out (L1, L8)."""
        self.now = now
        if self.timer is not None and self.timer <= now:
            if self.outstanding:
                self.go_back()
            else:
                self.ask()

    def arrive(self, piece):
        self.received += piece
        *lines, self.received = self.received.split(b"\0")
        for line in filter(None, lines):
            body = body_of(line, self.max_frame)
            found = body and parts(body)
            if found:
                self.take(*found)

    def take(self, kind, low, rest):
        if kind == RESET:
            self.on_reset(low, *rest)
        elif kind == RESET_ACK:
            self.on_answer(low, *rest)
        elif not self.answered:
            return  # L4
        elif kind < 8:
            self.acknowledge(low)
            self.on_data(kind, rest)
        else:
            in_range = self.acknowledge(low)
            if kind == NAK and in_range and self.outstanding:
                self.go_back()
        self.fill()
        self.fall_silent()

    def on_reset(self, window, epoch):
        """L2, and the end of L9."""
        self.sends.append(control(RESET_ACK, self.window, self.epoch, epoch))
        if epoch == self.peer:
            return
        self.peer, self.peer_window = epoch, window
        had_session, timer = self.in_session, self.timer
        self.clear()
        if self.answered:
            self.enter("restarts" if had_session else "begins")
        elif self.silent:
            self.silent = self.closing = False
            self.ask()
        else:
            self.timer = timer

    def on_answer(self, window, epoch, answered):
        """L3."""
        if answered == self.epoch and not self.answered and not self.silent:
            self.answered, self.peer, self.peer_window = True, epoch, window
            self.clear()
            self.enter("begins")

    def enter(self, how):
        self.in_session, self.closing, self.silent = True, False, False
        self.session.append(how)

    def acknowledge(self, a):
        """L6: whether `a` is in range."""
        count = (a - self.oldest) % 8
        if count > len(self.outstanding):
            return False
        if count:
            del self.outstanding[:count]
            self.oldest = a
            self.repeats = 0
            self.timer = self.now + self.repeat if self.outstanding else None
        return True

    def on_data(self, number, packet):
        """L7."""
        distance = (number - self.expected) % 8
        if distance >= self.window:
            self.sends.append(control(ACK, self.expected))
        elif self.silent:
            return
        elif distance == 0:
            self.expected = (self.expected + 1) % 8
            self.gap_told = False
            self.delivers.append(packet)
            self.sends.append(control(ACK, self.expected))
        else:
            self.sends.append(control(ACK if self.gap_told else NAK, self.expected))
            self.gap_told = True

    def fill(self):
        """New DATA, as many as both windows allow (L5)."""
        while self.waiting and len(self.outstanding) < self.peer_window:
            self.outstanding.append(self.waiting.pop(0))
            self.send_data(len(self.outstanding) - 1)

    def send_data(self, place):
        """L6: a is as it is now."""
        number = (self.oldest + place) % 8
        self.sends.append(data(number, self.expected, self.outstanding[place]))
        self.timer = self.now + self.repeat

    def go_back(self):
        """L8."""
        self.repeats += 1
        if self.repeats > REPEATS:
            self.end()
            return
        for place in range(len(self.outstanding)):
            self.send_data(place)

    def end(self):
        """The session has ended; repeats are still answered, so `expected` stays."""
        expected = self.expected
        self.clear()
        self.expected, self.in_session, self.silent = expected, False, True
        self.session.append("ends")

    def ask(self):
        self.sends.append(control(RESET, self.window, self.epoch))
        self.timer = self.now + self.repeat

    def fall_silent(self):
        if self.closing and not self.outstanding and not self.waiting:
            self.in_session, self.silent, self.timer = False, True, None
