"""Kill a run at random moments, run the same command again, and check every law."""

import time
from dataclasses import dataclass

from torture.laws import Found, check
from torture.place import Place, Run

# A run here takes 1 to 2 s to start, and 1.3 s to land once all calls are made: those of a run that
# has none to make are counted from its start.
_LAUNCH_SECONDS = 2.0
_LANDING_SECONDS = 3.0
# Without an answer for so long, no more come.
_QUIET_SECONDS = 10.0
# The others cannot be read, and are not sent.
_ANSWERED = 0.96


@dataclass(frozen=True)
class Killed:
    """What came of it."""

    moments: tuple[str, ...]
    found: Found


def kill_and_rerun(place: Place, kills: int = 3) -> Killed:
    """Kill runs of the place's job `kills` times, then let one end; raise `Violation`.

    The first is killed while it calls; when the others are is drawn: at the launch, among the
    calls, while rows land. A run that ended sooner was not killed, and the next one is.
    """
    moments: list[str] = []
    total = place.requests
    while len(moments) < kills:
        run = place.start()
        aim = place.draw.choice(("launch", "calls", "landing")) if moments else "calls"
        moment = _aim(place, run, aim, total)
        if run.kill():
            moments.append(moment)
    place.finish()
    return Killed(tuple(moments), check(place, kills))


def _aim(place: Place, run: Run, aim: str, total: int) -> str:
    """Wait for the moment to kill at, and return what it is."""
    if aim == "launch":
        seconds = place.draw.uniform(0, _LAUNCH_SECONDS)
        time.sleep(seconds)
        return f"{seconds:.1f} s after the start"
    if aim == "calls":
        before = place.answered
        goal = before + place.draw.random() * max(1, _ANSWERED * total - before)
        return _after(place, run, goal)
    _after(place, run, _ANSWERED * total - 1)
    seconds = place.draw.uniform(0, _LANDING_SECONDS)
    time.sleep(seconds)
    return f"{seconds:.1f} s after the last calls"


def _after(place: Place, run: Run, goal: float) -> str:
    """Wait until so many answers were given, or no more come."""
    last, since = -1, time.monotonic()
    for answered in place.watch(run):
        if answered != last:
            last, since = answered, time.monotonic()
        quiet = time.monotonic() - since
        if answered >= goal or quiet > _QUIET_SECONDS:
            break
    return f"at {last} answers"
