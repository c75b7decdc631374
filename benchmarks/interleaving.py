"""Runs interleaved: one goes on for a moment while the others stand still.

A machine that is shared with others has other speeds at other times: one minute's CPU seconds are
worth up to twice another's. Whoever is measured one after the other is measured by different
yardsticks. By the half second all get the same share of good and bad times.
"""

from collections.abc import Sequence
from typing import Any

from benchmarks.peer_run import PeerRun

_SLICE_SECONDS = 0.5


def run_interleaved(runs: Sequence[PeerRun]) -> list[dict[str, Any] | None]:
    """Let all go and run to their ends, one at any moment; return the figures of each.

    None stands for one that failed; its ``error`` says why.
    """
    for run in runs:
        run.wait_until_ready()
        run.pause()
        run.go()
    running = list(runs)
    while running:
        for run in list(running):
            run.resume()
            if run.ends_within(_SLICE_SECONDS):
                running.remove(run)
            else:
                run.pause()
    return [run.finish() for run in runs]
