"""Conversations on a serial line: how DATA arrive, whatever the line does to them."""

from link import ACK, NAK, RESET, RESET_ACK, cobs, control, data, line_of, parts
from wire import crc32c, frame

from golden.talk import Talk, alone, met, packets


def data_lost():
    """It comes again when the repeat timer has run out."""
    talk = met("DATA is lost")
    talk.send("a", b"once")
    talk.lose("a")
    talk.wait("a")
    talk.lose("a")
    talk.wait("a")
    talk.exchange()
    talk.quiet("a")
    return talk


def answer_to_data_lost():
    """The repeat is answered by an ACK, and not delivered a second time."""
    talk = met("an ACK is lost")
    talk.send("a", b"once")
    talk.carry("a")
    talk.lose("b")
    talk.wait("a")
    talk.exchange()
    talk.quiet("a")
    return talk


def repeats_say_the_current_a():
    """What came meanwhile is acknowledged by the repeat, too."""
    talk = met("a repeat says the current a")
    talk.send("a", b"lost at first")
    talk.lose("a")
    talk.send("b", b"meanwhile")
    talk.carry("b")
    talk.lose("a")
    talk.wait("a")
    talk.exchange()
    talk.quiet("b")
    return talk


def gap():
    """The first DATA behind a gap is answered by a NAK, and everything from there comes again."""
    talk = met("a gap")
    talk.send("a", b"lost", b"behind it")
    talk.lose("a", 1)
    talk.exchange()
    talk.quiet("a")
    return talk


def gap_twice():
    """One NAK for a gap; what else comes behind it is answered by ACK."""
    talk = met("a gap in a window of 4", a={"window": 4}, b={"window": 4})
    talk.send("a", *packets(4))
    talk.lose("a", 1)
    talk.carry("a")
    talk.exchange()
    talk.send("a", *packets(4))
    talk.carry("a", 1)
    talk.lose("a", 1)
    talk.carry("a")
    talk.exchange()
    return talk


def last_of_a_window_lost():
    """No gap is seen, so the timer has to tell, from the ACK of the first on."""
    talk = met("the last of a window is lost")
    talk.send("a", *packets(2))
    talk.carry("a", 1)
    talk.lose("a")
    talk.pause()
    talk.carry("b")
    talk.wait("a")
    talk.exchange()
    return talk


def timer_starts_again():
    """It runs from the last DATA that was sent."""
    talk = met("the timer starts again")
    talk.send("a", b"first")
    talk.pause()
    talk.send("a", b"second")
    talk.lose("a")
    talk.wait("a")
    talk.exchange()
    talk.quiet("a")
    return talk


def no_gap_is_told_again():
    """The gap is not told again; the timer runs out."""
    talk = met("a NAK is lost", a={"window": 3}, b={"window": 3})
    talk.send("a", *packets(3))
    talk.lose("a", 1)
    talk.carry("a", 1)
    talk.lose("b")
    talk.carry("a")
    talk.carry("b")
    talk.wait("a")
    talk.exchange()
    return talk


def damaged():
    """A line with a wrong bit is not answered, and the next is read as if nothing had been."""
    talk = met("damage")
    for bit in (0, 9, 12, 20, 36, 51):
        talk.send("a", b"bits")
        talk.damage("a", bit)
        talk.carry("a")
        talk.wait("a")
        talk.exchange()
    return talk


def overflowed():
    """More bytes without a 00 than any frame has are skipped up to the 00."""
    talk = alone("overflow")
    talk.arrive("a", b"\x55" * 100)
    talk.arrive("a", b"\xaa" * 5000)
    talk.arrive("a", line_of(data(0, 0, b"the end of a line that was too long")))
    talk.arrive("a", line_of(data(0, 0, b"a whole one")))
    return talk


def noise():
    """Nothing between two 00 is nothing; anything else that is no frame is skipped."""
    talk = alone("noise")
    for line in (b"\0\0\0", b"\x01\0", b"\xff\0", b"\x02\x07\0", b"noise", b"\0"):
        talk.arrive("a", line)
    whole = line_of(data(0, 0, b"first"))
    talk.arrive("a", whole[: len(whole) // 2])
    talk.arrive("a", b"\0" + whole)
    talk.arrive("a", whole[:-1] + line_of(data(1, 0, b"no 00 before it")))
    talk.arrive("a", line_of(data(1, 0, b"second")))
    return talk


def cut_anywhere():
    """Where a line is cut into reads does not matter."""
    talk = alone("bytes one by one")
    for byte in line_of(data(0, 0, b"slow\0ly")):
        talk.arrive("a", bytes([byte]))
    talk.arrive("a", line_of(data(1, 0, b"t")) + line_of(data(2, 0, b"w"))[:5])
    talk.arrive("a", line_of(data(2, 0, b"w"))[5:])
    return talk


def other_end_of_cobs():
    """A frame that ends with 254 bytes other than 00 may have an empty piece behind it or not."""
    talk = Talk("both ends of COBS", a={"max_frame": 400})
    talk.begin("a", 1)
    talk.arrive("a", b"\0" + line_of(control(RESET, 4, 2)))
    talk.arrive("a", line_of(control(RESET_ACK, 4, 2, 1)))
    talk.arrive("a", line_of(data(0, 0, b"before")))
    for number, end in ((1, b""), (2, b"\x01")):
        full = full_of_254(number)
        talk.arrive("a", b"\xff" + full + end + b"\0")
    return talk


def full_of_254(number):
    """A frame of 254 bytes without a 00."""
    frames = (frame(data(number, 0, bytes([fill]) * 247)) for fill in range(1, 256))
    return next(whole for whole in frames if len(whole) == 254 and 0 not in whole)


def no_such_body():
    """Whatever their checksum says: damage, which ends nothing and is not answered."""
    talk = alone("bodies that there are not")
    long = bytes(range(1, 65))
    wrong = [bytes([kind << 3 | 1]) + long[:size] for kind in range(32) for size in (0, 1, 7, 8, 9, 15, 16, 17)]
    wrong = [body for body in wrong if parts(body) is None]
    wrong += [control(RESET, low, epoch) for low, epoch in ((0, 5), (4, 0))]
    wrong += [control(RESET_ACK, low, *epochs) for low, *epochs in ((0, 5, 1), (4, 0, 1), (4, 5, 0))]
    talk.arrive("a", b"".join(line_of(body) for body in wrong))
    talk.arrive("a", line_of(data(0, 0, long + b"!")))
    body = data(0, 0, b"not in its shortest form")
    padded = bytes([len(body) | 0x80, 0]) + body
    for framed in (padded + crc(padded), frame(body) + b"!", frame(body)[:-1], frame(b""), frame(body)[:3], b"\x85"):
        talk.arrive("a", cobs(framed) + b"\0")
    talk.arrive("a", line_of(data(0, 0, b"still there")))
    return talk


def crc(covered):
    return crc32c(covered).to_bytes(4, "little")


def largest_packet():
    """The link byte does not count; a byte more is damage."""
    talk = met("a packet of max_frame bytes", b={"max_frame": 48})
    talk.send("a", bytes(48))
    talk.exchange()
    talk.send("a", bytes(49))
    talk.carry("a")
    return talk


def numbers_wrap():
    """0 comes behind 7, in both directions."""
    talk = met("numbers wrap", a={"window": 3}, b={"window": 3})
    for start in range(0, 18, 3):
        talk.send("a", *(b"a%d" % number for number in range(start, start + 3)))
        talk.lose("a", 1)
        talk.exchange()
        talk.send("b", b"b%d" % start)
        talk.exchange()
    return talk


def widest_window():
    """With all ACKs lost, repeats look as if they were behind a gap; both answers say where to go on."""
    talk = met("a window of 7", a={"window": 7}, b={"window": 7})
    talk.send("a", *packets(7))
    talk.carry("a")
    talk.lose("b")
    talk.wait("a")
    talk.exchange()
    talk.send("a", *packets(7))
    talk.exchange()
    return talk


def narrower_peer():
    """No more is outstanding than the peer takes, however many the sender keeps."""
    talk = met("a peer that takes 1", a={"window": 4}, b={"window": 1})
    talk.send("a", *packets(3))
    talk.exchange()
    talk.send("b", b"back")
    talk.exchange()
    return talk


def a_out_of_range():
    """It is ignored; the rest of its DATA is not."""
    talk = alone("an a out of range", window=4)
    talk.send("a", *packets(2))
    for a in (3, 4, 5, 6, 7):
        talk.arrive("a", line_of(control(ACK, a)))
        talk.arrive("a", line_of(control(NAK, a)))
    talk.arrive("a", line_of(data(0, 5, b"all the same")))
    talk.wait("a")
    talk.arrive("a", line_of(control(ACK, 2)))
    talk.quiet("a")
    return talk


def nak_of_nothing():
    """It acknowledges, and nothing is sent again."""
    talk = alone("a NAK that leaves nothing outstanding", window=4)
    talk.send("a", *packets(3))
    talk.arrive("a", line_of(control(NAK, 2)))
    talk.arrive("a", line_of(control(NAK, 3)))
    talk.arrive("a", line_of(control(NAK, 3)))
    talk.quiet("a")
    return talk


TOLD = [
    data_lost, answer_to_data_lost, repeats_say_the_current_a, gap, gap_twice,
    last_of_a_window_lost, timer_starts_again, no_gap_is_told_again, damaged, overflowed, noise,
    cut_anywhere, other_end_of_cobs, no_such_body, largest_packet, numbers_wrap, widest_window,
    narrower_peer, a_out_of_range, nak_of_nothing,
]
