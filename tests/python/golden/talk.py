"""Conversations on a serial line, recorded: what each side is given, and what it has to do."""

import json

from link import ACK, NAK, RESET, RESET_ACK, Side, control, line_of, parts

from golden.notation import digits

REPEAT = 1000  # milliseconds
STEP = 10  # milliseconds from one step to the next
DRAWN = 0x9A3C_71E5_D20B_4F68


class Talk:
    """Sides take 2 DATA and packets of 64 bytes where nothing else is said."""

    def __init__(self, name, **sides):
        self.name, self.now = name, 0
        usual = {"window": 2, "max_frame": 64, "repeat": REPEAT}
        self.given = {side: usual | given for side, given in sides.items()}
        self.sides = {side: Side(**given) for side, given in self.given.items()}
        self.lines = {side: [] for side in sides}
        self.steps = []

    def told(self, about):
        return {"name": self.name, "about": about, "sides": self.given, "steps": self.steps}

    def begin(self, side, epoch):
        """The first line of a side begins with a 00."""
        self.step(side, {"do": "begin", "epoch": epoch}, lambda it: it.begin(epoch))
        self.lines[side][-1] = b"\0" + self.lines[side][-1]

    def send(self, side, *packets):
        for packet in packets:
            self.step(side, {"do": "send", "packet": digits(packet)}, lambda it: it.send(packet))

    def close(self, side):
        self.step(side, {"do": "close"}, Side.close)

    def wait(self, side):
        """Just before the repeat timer runs out, when nothing happens, and just behind it."""
        timer = self.sides[side].timer
        if self.now < timer - 2 * STEP:
            self.later(side, timer - 2 * STEP)
        self.later(side, max(timer + STEP, self.now))

    def pause(self):
        self.now += REPEAT // 2

    def quiet(self, side):
        """Long enough for any timer, and nothing happens."""
        self.later(side, self.now + 20 * REPEAT)

    def later(self, side, now):
        self.now = now
        self.step(side, {"do": "wait"}, lambda it: None)
        for other, it in self.sides.items():
            if it.timer is not None and it.timer <= self.now:
                self.step(other, {"do": "wait"}, lambda it: None)

    def arrive(self, side, line):
        self.step(side, {"arrives": digits(line)}, lambda it: it.arrive(line))

    def carry(self, side, count=None):
        """To the other side, each line in a step of its own."""
        lines, other = self.lines[side][:count], next(it for it in self.sides if it != side)
        del self.lines[side][:count]
        for line in lines:
            self.arrive(other, line)

    def lose(self, side, count=None):
        del self.lines[side][:count]

    def damage(self, side, bit):
        """Of the next line."""
        line = bytearray(self.lines[side][0])
        line[bit // 8] ^= 1 << bit % 8
        self.lines[side][0] = bytes(line)

    def meet(self, first=1, second=DRAWN):
        """A session begins at both ends."""
        a, b = self.sides
        self.begin(a, first)
        self.begin(b, second)
        self.carry(a)
        self.carry(b)
        self.carry(a)
        assert all(side.in_session for side in self.sides.values()) and not any(self.lines.values())

    def exchange(self):
        """Until nobody has anything to say."""
        while any(self.lines.values()):
            for side in self.sides:
                self.carry(side)

    def fixed_by_the_rules(self, sends):
        """A side that owes an ACK and sends DATA may leave the ACK out, so no vector has that."""
        kinds = {parts(body)[0] for body in sends}
        if kinds & {ACK, NAK} and min(kinds) < 8:
            raise ValueError(f"{self.name}: a step in which the rules leave a choice")

    def step(self, side, given, act):
        it = self.sides[side]
        it.wait(self.now)
        if it.sends and given.get("do") != "wait":
            raise ValueError(f"{self.name}: a timer of {side} runs out unseen")
        act(it)
        sends, delivers, session = it.taken()
        self.fixed_by_the_rules(sends)
        self.lines[side] += [line_of(body) for body in sends]
        happened = {
            "sends": [{"is": meaning(body), "body": body.hex(), "line": line_of(body).hex()} for body in sends],
            "delivers": [digits(packet) for packet in delivers],
            "session": session,
        }
        happened = {key: value for key, value in happened.items() if value}
        self.steps.append({"at": self.now, "side": side, **given, **happened})
        self.now += STEP


def meaning(body):
    kind, low, rest = parts(body)
    if kind < 8:
        return f"DATA {kind}, a {low}"
    if kind in (ACK, NAK):
        return f"{'ACK' if kind == ACK else 'NAK'}, a {low}"
    if kind == RESET:
        return f"RESET, w {low}, epoch {rest[0]}"
    return f"RESET-ACK, w {low}, epoch {rest[0]}, answers {rest[1]}"


def alone(name, window=2, peer_window=4):
    """A side in session with a peer of epoch 2 whose lines are made up."""
    talk = Talk(name, a={"window": window})
    talk.begin("a", 1)
    talk.arrive("a", b"\0" + line_of(control(RESET, peer_window, 2)))
    talk.arrive("a", line_of(control(RESET_ACK, peer_window, 2, 1)))
    return talk


def met(name, **sides):
    talk = Talk(name, **{"a": {}, "b": {}} | sides)
    talk.meet()
    return talk


def packets(count):
    return [b"p%d" % index for index in range(count)]


def page(talks):
    """A JSON array with a step to a line."""
    return "[\n" + ",\n".join(
        json.dumps({key: value for key, value in talk.items() if key != "steps"})[:-1] + ', "steps": [\n'
        + ",\n".join("  " + json.dumps(step) for step in talk["steps"]) + "]}"
        for talk in talks
    ) + "\n]\n"
