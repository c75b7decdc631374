"""Kill a run around its load, run the same command again: the table itself has each row once."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from torture.laws import Found, check
from torture.place import Place, Run, Violation

# What the moment of the kill is counted from, and the longest wait from there on, in seconds.
# A run asks for its load some 0.4 s after the last answer and has ended 0.6 s after its load job.
MOMENTS = {"answered": 1.2, "asked": 0.3, "running": 0.6, "done": 0.3}
_LOAD_SECONDS = (0.2, 1.0, 5.0)  # of the load job: it ends before the rerun's look, or after it
_PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class KilledLoad:
    """What came of it. `open_loads`: of the killed run, how many were not done at its death."""

    moment: str
    killed: bool
    open_loads: int
    found: Found


def kill_around_the_load(place: Place, moment: str = "", load_seconds: float = 0.0) -> KilledLoad:
    """Kill a run of the place's job near its load, then let one end; raise `Violation`.

    Moment and duration of the load job are drawn unless they are given. No answer is paid for
    again, but for calls that were in flight; once the load had been asked for, none at all.
    """
    assert place.cloud.bigquery
    emulator = place.cloud.bigquery
    moment = moment or place.draw.choice(list(MOMENTS))
    load_seconds = load_seconds or place.draw.choice(_LOAD_SECONDS)
    wait = place.draw.uniform(0, min(MOMENTS[moment], load_seconds + 0.3))
    run = place.start()
    try:
        _wait(run, lambda: place.answered > 0)  # what is tried before the calls is not slowed down
        emulator.run_loads_for(load_seconds)
        if moment == "answered":
            total = sum(1 for path in place.documents.iterdir() if path.is_file())
            _wait(run, lambda: place.answered >= 0.9 * total)
        else:
            _wait(run, lambda: loads(place, moment))
        time.sleep(wait)
        killed = run.kill()
    finally:
        emulator.run_loads_for(0)
    paid, asked = place.answered, loads(place, "asked")
    is_open = len(asked) - len(loads(place, "done"))
    place.finish()
    found = check(place, kills=1)
    if found.doubled_rows:
        raise Violation(f"{found.doubled_rows} rows are in the table twice")
    if asked and place.answered != paid:
        raise Violation(f"{place.answered - paid} answers were paid for after the load had begun")
    said = f"{wait:.2f} s after {moment}, a load of {load_seconds} s"
    return KilledLoad(said, killed, is_open, found)


def loads(place: Place, state: str) -> list[str]:
    """Return ids of load jobs of rows that were in a state so far."""
    assert place.cloud.bigquery
    return [job for job in place.cloud.bigquery.loads(place.name, state) if "-try-" not in job]


def _wait(run: Run, reached: Callable[[], object]) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while not reached():
        if run.over or time.monotonic() > end:
            raise Violation(f"the run did not come so far: {run.said()[-2000:]}")
        time.sleep(0.01)
