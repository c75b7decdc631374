"""Contenders that take turns: one runs for a moment while the others stand still.

A machine that is shared with others has other speeds at other times: one minute's CPU seconds are
worth up to twice another's. Whoever is measured one after the other is measured by different
yardsticks. By the half second all get the same share of good and bad times.
"""

from collections.abc import Sequence
from typing import Any

from benchmarks.entrant import Entrant

_TURN_SECONDS = 0.5


def take_turns(entrants: Sequence[Entrant]) -> list[dict[str, Any] | None]:
    """Let all go and run to their ends, one at any moment; return the figures of each.

    None stands for one that failed; its ``error`` says why.
    """
    for entrant in entrants:
        entrant.wait_until_ready()
        entrant.pause()
        entrant.go()
    running = list(entrants)
    while running:
        for entrant in list(running):
            entrant.resume()
            if entrant.ends_within(_TURN_SECONDS):
                running.remove(entrant)
            else:
                entrant.pause()
    return [entrant.finish() for entrant in entrants]
