"""link.json: conversations on a serial line."""

from golden import sessions, transfers
from golden.talk import page

__all__ = ["page", "vectors"]


def vectors():
    return [conversation().told(conversation.__doc__) for conversation in [*sessions.TOLD, *transfers.TOLD]]
