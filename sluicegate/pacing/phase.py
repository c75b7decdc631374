"""The phases of learning a rate.

CLIMB     the rate doubles until many calls are rejected
MEASURE   after each cut, count for a moment: are many calls still rejected? Then cut by their
          share
SHARE     grow by a percent or two a second, give up an eighth at a rejection. Clients that
          send more are rejected more often, so that all clients of one quota get equal shares
STEADY    after five cycles of SHARE that found the same rate: there is no other client. Stay
          at it, then exceed it, little at first. A rejection ends the cycle, and what was
          admitted over the whole cycle is the quota. Rejections before that: back to SHARE
EXHAUSTED everything is rejected, as at the end of a fixed window. Single calls find out when
          the next window has begun; then the average over the whole window is the rate
TRIAL     a rejection came at a rate well below what was admitted lately: is it chance? Send
          less, then more, and compare (trials.py)
"""

import enum


class Phase(enum.Enum):
    """What the rate is doing; see above."""

    CLIMB = enum.auto()
    MEASURE = enum.auto()
    SHARE = enum.auto()
    STEADY = enum.auto()
    EXHAUSTED = enum.auto()
    TRIAL = enum.auto()

    @property
    def climbs(self) -> bool:
        """Whether rejections are its own doing: they say nothing about chance."""
        return self in (Phase.CLIMB, Phase.EXHAUSTED)
