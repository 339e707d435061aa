"""Conversations on a serial line: how sessions begin, restart and end."""

from link import ACK, NAK, RESET, RESET_ACK, control, data, line_of
from worked_examples import AGENT_EPOCH, CANCEL, COLLECTOR_EPOCH, COLLECTOR_HELLO, HELLO, SERIAL, TASK

from golden.talk import DRAWN, Talk, alone, met, packets


def as_in_wire_md():
    """The worked example, with two ACKs of their own that are shared there."""
    talk = Talk("the conversation of WIRE.md", a={"max_frame": 256}, b={"window": 4, "max_frame": 256})
    hello, task, cancel, answer = (packet.SerializeToString() for packet in (HELLO, TASK, CANCEL, COLLECTOR_HELLO))
    talk.begin("b", COLLECTOR_EPOCH)
    talk.lose("b")
    talk.begin("a", AGENT_EPOCH)
    talk.carry("a")
    talk.carry("b")
    talk.send("a", hello)
    talk.carry("a")
    talk.wait("b")
    talk.exchange()
    talk.wait("a")
    talk.carry("a")
    talk.lose("b")
    talk.wait("a")
    talk.exchange()
    talk.send("b", answer)
    talk.exchange()
    talk.send("a", task, cancel)
    talk.lose("a", 1)
    talk.exchange()
    shared = [control(ACK, 1), control(ACK, 2)]
    sent = [bytes.fromhex(frame["body"]) for step in talk.steps for frame in step.get("sends", ())]
    if sorted(sent) != sorted([*shared, *(body for _side, body, _meaning in SERIAL)]):
        raise ValueError("WIRE.md has another conversation")
    return talk


def both_begin():
    """Each answers the other's RESET, and what was asked is answered; then DATA in both directions."""
    talk = met("both begin at once")
    talk.send("a", b"hello")
    talk.exchange()
    talk.send("b", b"hello, too")
    talk.exchange()
    talk.quiet("a")
    talk.quiet("b")
    return talk


def one_begins_later():
    """RESET is repeated for as long as nobody answers."""
    talk = Talk("one begins later", a={}, b={})
    talk.begin("a", 7)
    for _ in range(18):
        talk.lose("a")
        talk.wait("a")
    talk.lose("a")
    talk.begin("b", 8)
    talk.wait("a")
    talk.exchange()
    talk.send("b", b"at last")
    talk.exchange()
    return talk


def answer_lost():
    """What its sender sends already is ignored until another one comes (L4)."""
    talk = Talk("a RESET-ACK is lost", a={}, b={})
    talk.begin("a", 1)
    talk.lose("a")
    talk.begin("b", DRAWN)
    talk.carry("b")
    talk.lose("a")
    talk.wait("a")
    talk.lose("b")
    talk.carry("a")
    talk.carry("b")
    talk.send("a", b"too early")
    talk.carry("a")
    talk.wait("b")
    talk.exchange()
    talk.wait("a")
    talk.exchange()
    return talk


def peer_restarts():
    """What was to be sent in the session is dropped, numbers begin at 0, the own epoch stays."""
    talk = met("the peer restarts")
    talk.send("a", *packets(2))
    talk.exchange()
    talk.send("a", b"dropped")
    talk.lose("a")
    talk.begin("b", 77)
    talk.carry("b")
    talk.carry("a")
    talk.send("a", b"in the next")
    talk.exchange()
    talk.send("b", b"and back")
    talk.exchange()
    talk.quiet("a")
    return talk


def both_restart():
    """Old answers say nothing about new epochs."""
    talk = met("both restart")
    talk.begin("a", 3)
    old = talk.lines["a"][:]
    talk.begin("b", 78)
    talk.carry("a")
    talk.carry("b")
    talk.carry("a")
    talk.send("a", b"new")
    talk.exchange()
    talk.arrive("b", old[0])
    talk.exchange()
    return talk


def same_reset_again():
    """It is answered, and changes nothing else."""
    talk = met("a RESET of the known epoch")
    talk.send("a", b"one")
    talk.exchange()
    talk.send("a", b"two")
    talk.lose("a")
    talk.arrive("a", line_of(control(RESET, 2, DRAWN)))
    talk.lose("a")
    talk.arrive("a", line_of(control(ACK, 1)))
    talk.wait("a")
    talk.exchange()
    return talk


def stale_answers():
    """Only one that answers the epoch of now begins a session, and only once."""
    talk = Talk("stale RESET-ACKs", a={})
    talk.begin("a", 5)
    talk.arrive("a", b"\0" + line_of(control(RESET_ACK, 4, 2, 4)))
    talk.arrive("a", line_of(control(RESET_ACK, 4, 2, 6)))
    talk.arrive("a", line_of(control(RESET_ACK, 4, 2, 5)))
    talk.send("a", b"now")
    talk.arrive("a", line_of(control(RESET_ACK, 4, 2, 5)))
    talk.arrive("a", line_of(control(RESET_ACK, 4, 3, 5)))
    talk.arrive("a", line_of(control(ACK, 1)))
    talk.quiet("a")
    return talk


def before_the_answer():
    """They are ignored, even when the peer's RESET is there."""
    talk = Talk("DATA, ACK and NAK before the answer", a={})
    talk.begin("a", 5)
    old = [*(data(number, 0, b"old") for number in range(8)), control(ACK, 1), control(NAK, 0)]
    for body in old:
        talk.arrive("a", line_of(body))
    talk.arrive("a", line_of(control(RESET, 4, 2)))
    for body in old:
        talk.arrive("a", line_of(body))
    talk.arrive("a", line_of(control(RESET_ACK, 4, 2, 5)))
    talk.arrive("a", line_of(data(0, 0, b"again")))
    return talk


def give_up(talk):
    for _ in range(17):
        talk.lose("a")
        talk.wait("a")


def given_up():
    """After 16 repeats the session ends; then repeats and RESETs are answered, and no more."""
    talk = alone("given up")
    talk.arrive("a", line_of(data(0, 0, b"taken")))
    talk.send("a", b"never acknowledged")
    give_up(talk)
    talk.quiet("a")
    talk.arrive("a", line_of(data(0, 0, b"taken")))
    talk.arrive("a", line_of(data(1, 0, b"new")))
    talk.arrive("a", line_of(control(RESET, 4, 2)))
    talk.quiet("a")
    talk.arrive("a", line_of(control(RESET, 4, 3)))
    talk.arrive("a", line_of(data(0, 0, b"the next session")))
    talk.send("a", b"answered")
    talk.arrive("a", line_of(control(ACK, 1)))
    return talk


def progress_counts():
    """16 repeats in a row is without anything acknowledged in between."""
    talk = alone("progress starts the count anew")
    talk.send("a", *packets(2))
    for _ in range(15):
        talk.wait("a")
    talk.arrive("a", line_of(control(ACK, 1)))
    for _ in range(16):
        talk.wait("a")
    talk.arrive("a", line_of(control(ACK, 2)))
    talk.quiet("a")
    return talk


def naks_count():
    """A peer that asks again and again is not worth more than one that is silent."""
    talk = alone("NAKs count as repeats")
    talk.send("a", b"again and again")
    for _ in range(17):
        talk.arrive("a", line_of(control(NAK, 0)))
    talk.quiet("a")
    return talk


def anew_after_the_end():
    """A fresh epoch; the other side, which has noticed nothing, restarts."""
    talk = met("anew after the end")
    talk.send("a", b"never acknowledged")
    give_up(talk)
    talk.begin("a", 2)
    talk.exchange()
    talk.send("a", b"hello again")
    talk.exchange()
    return talk


def closed():
    """Until all is acknowledged it goes on; then it is silent, and answers what has to be answered."""
    talk = met("closing")
    talk.send("a", b"last words")
    talk.lose("a")
    talk.close("a")
    talk.send("b", b"meanwhile")
    talk.carry("b")
    talk.lose("a")
    talk.wait("a")
    talk.carry("a")
    talk.carry("b")
    talk.quiet("a")
    talk.arrive("a", line_of(data(0, 1, b"meanwhile")))
    talk.arrive("a", line_of(data(1, 1, b"too late")))
    talk.lines["a"].clear()
    talk.begin("b", 79)
    talk.exchange()
    talk.send("a", b"a new session")
    talk.exchange()
    return talk


def closed_with_nothing_to_send():
    """It is silent at once."""
    talk = alone("closing with nothing to send")
    talk.arrive("a", line_of(data(0, 0, b"taken")))
    talk.close("a")
    talk.quiet("a")
    talk.arrive("a", line_of(data(0, 0, b"taken")))
    talk.arrive("a", line_of(data(1, 0, b"not taken")))
    talk.begin("a", 9)
    talk.arrive("a", line_of(control(RESET_ACK, 4, 2, 9)))
    talk.arrive("a", line_of(data(0, 0, b"taken")))
    return talk


def closed_by_data():
    """A DATA that acknowledges the last words is still received; the next is not."""
    talk = alone("closing, acknowledged by DATA")
    talk.send("a", b"last words")
    talk.close("a")
    talk.arrive("a", line_of(data(0, 1, b"still taken")))
    talk.quiet("a")
    talk.arrive("a", line_of(data(0, 1, b"still taken")))
    talk.arrive("a", line_of(data(1, 1, b"not taken")))
    return talk


def closed_by_data_behind_a_gap():
    """It is told of the gap as ever; what then fills it comes too late."""
    talk = alone("closing, acknowledged by DATA behind a gap")
    talk.send("a", b"last words")
    talk.close("a")
    talk.arrive("a", line_of(data(1, 1, b"behind a gap")))
    talk.quiet("a")
    talk.arrive("a", line_of(data(0, 1, b"too late")))
    return talk


def closed_before_the_answer():
    """A RESET-ACK comes too late; a peer that begins anew begins under the epoch that is there."""
    talk = Talk("closing before the answer", a={})
    talk.begin("a", 5)
    talk.arrive("a", line_of(control(RESET, 4, 2)))
    talk.close("a")
    talk.quiet("a")
    talk.arrive("a", line_of(control(RESET_ACK, 4, 2, 5)))
    talk.arrive("a", line_of(control(RESET, 4, 2)))
    talk.quiet("a")
    talk.arrive("a", line_of(control(RESET, 4, 3)))
    talk.wait("a")
    talk.arrive("a", line_of(control(RESET_ACK, 4, 3, 5)))
    talk.send("a", b"after all")
    return talk


TOLD = [
    as_in_wire_md, both_begin, one_begins_later, answer_lost, peer_restarts, both_restart,
    same_reset_again, stale_answers, before_the_answer, given_up, progress_counts, naks_count,
    anew_after_the_end, closed, closed_with_nothing_to_send, closed_by_data, closed_by_data_behind_a_gap,
    closed_before_the_answer,
]
