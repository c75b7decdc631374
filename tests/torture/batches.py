"""Kill batch runs, with SIGKILL, at the moments of the table of failures; each row is bought once.

What takes a quarter of an hour there, until a job that is not listed counts as never made, is done
here by making the journal older.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from torture.laws import Found, check
from torture.place import MAX_IN_FLIGHT, Place, Run, Violation

_PATIENCE_SECONDS = 180.0
_MOST_RUNS = 12
_FLAGS: dict[str, Any] = {"processing": "batch", "batch_documents": 20, "batch_canary": 0}
# Faults of jobs that may come on top, each for a few of them.
_JOB_FAULTS: tuple[dict[str, Any], ...] = (
    {"fault": "reply_lost", "next": 1},
    {"fault": "no_job_503", "next": 1},
    {"fault": "too_many", "next": 1},
    {"fault": "failed_rows", "share": 0.1},
    {"fault": "doubled", "share": 0.1},
    {"fault": "expired", "next": 1},
    {"fault": "all_failed", "next": 1},
)


@dataclass(frozen=True)
class KilledBatch:
    """What came of it."""

    moments: tuple[str, ...]
    runs: int
    jobs: int
    found: Found


def kill_batches(place: Place, moments: tuple[str, ...] = ()) -> KilledBatch:
    """Kill a run at each of the moments, then run until nothing waits; raise `Violation`.

    Moments are drawn unless they are given: one while jobs are created, one while they are
    collected. No answer of a batch job is paid for twice; a call in flight may be.
    """
    faults = place.draw.sample(_JOB_FAULTS, 2)
    # Jobs end when they are told to: so that there is something to collect at the second kill.
    place.endpoint.set_behaviour(batch_faults=faults, batch_pending=3600.0)
    chosen = moments or (
        place.draw.choice(list(_WHILE_CREATED)), place.draw.choice(list(_WHILE_COLLECTED)),
    )  # fmt: skip
    killed = []
    for number, moment in enumerate(chosen):
        if number:
            place.finish(**_FLAGS)  # what is missing is asked for
            _let_jobs_end(place)
        run = place.start(**_FLAGS)
        reached = _MOMENTS[moment](place, run)
        killed.append(f"{moment}{'' if run.kill() else ' (it had ended)'}{reached}")
        _grow_old(place)
    runs = _until_nothing_waits(place)
    found = check(place, kills=len(chosen))
    _once_in_jobs(place)
    _little_else(place, kills=len(chosen))
    jobs = len(place.endpoint.batch_jobs())
    said = f"with {' and '.join(str(each['fault']) for each in faults)}"
    return KilledBatch((*killed, said), runs, jobs, found)


def _until_nothing_waits(place: Place) -> int:
    for number in range(1, _MOST_RUNS):
        place.finish(**_FLAGS)
        _let_jobs_end(place)
        if not json.loads(place.summary.read_text())["waiting"]:
            return number
    raise Violation(f"documents still wait after {_MOST_RUNS} runs")


def _let_jobs_end(place: Place) -> None:
    place.endpoint.hurry_batch_jobs()
    place.endpoint.wait_for_batch_jobs()
    _grow_old(place)


def _once_in_jobs(place: Place) -> None:
    """Check that no request was answered in two jobs."""
    answered: dict[str, int] = {}
    for job in place.endpoint.batch_jobs():
        for key in job["answered_keys"]:
            answered[key] = answered.get(key, 0) + 1
    if twice := [key for key, count in answered.items() if count > 1]:
        raise Violation(f"{len(twice)} requests were answered in two batch jobs: {twice[:3]}")


def _little_else(place: Place, kills: int) -> None:
    """Check that what was answered twice was in flight at a kill, or lost with an expired job."""
    counts = place.endpoint.stats(documents=True)["answers_per_document"].values()
    again = sum(count - 1 for count in counts)
    jobs = place.endpoint.batch_jobs()
    lost = sum(job["answered"] for job in jobs if job["state"] in ("EXPIRED", "CANCELLED"))
    if again > lost + kills * MAX_IN_FLIGHT:
        raise Violation(f"{again} answers were bought again, {lost} of them lost by the service")


def _manifests(place: Place) -> list[tuple[str, dict[str, Any]]]:
    """Return the manifests of the journal, with their places."""
    if place.journal.startswith("gs://"):
        assert place.cloud.gcs
        bucket, _, prefix = place.journal.removeprefix("gs://").partition("/")
        names = place.cloud.gcs.names(bucket, f"{prefix}/batches/")
        return [
            (f"gs://{bucket}/{name}", json.loads(place.cloud.gcs.get(bucket, name)))
            for name in names
            if name.endswith(".json")
        ]
    return [
        (str(path), json.loads(path.read_text()))
        for path in sorted(Path(place.journal).glob("batches/*.json"))
    ]


def _grow_old(place: Place, minutes: float = 20) -> None:
    """Make what was written about jobs older."""
    for uri, manifest in _manifests(place):
        for name in ("sent_at", "missed_at"):
            if manifest[name]:
                before = datetime.fromisoformat(manifest[name]) - timedelta(minutes=minutes)
                manifest[name] = before.isoformat()
        data = json.dumps(manifest).encode()
        if uri.startswith("gs://"):
            assert place.cloud.gcs
            bucket, _, name = uri.removeprefix("gs://").partition("/")
            place.cloud.gcs.put(bucket, name, data)
        else:
            Path(uri).write_bytes(data)


def _wait(run: Run, reached: Callable[[], object]) -> str:
    """Wait until a run has come so far, or has ended."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while not run.over and time.monotonic() < end:
        if reached():
            return ""
        time.sleep(0.002)
    return " (not reached)"


def _states(place: Place) -> list[str]:
    return [manifest["state"] for _, manifest in _manifests(place)]


def _stored(place: Place) -> int:
    """Return how many answers the journal has."""
    if place.journal.startswith("gs://"):
        assert place.cloud.gcs
        bucket, _, prefix = place.journal.removeprefix("gs://").partition("/")
        return sum(
            name.endswith(".json.gz") for name in place.cloud.gcs.names(bucket, f"{prefix}/")
        )
    return sum(1 for _ in Path(place.journal).glob("*/*.json.gz"))


def _written(place: Place, run: Run) -> str:
    """Wait until a shard is written, and perhaps no manifest: row 1."""

    def reached() -> bool:
        if place.journal.startswith("gs://"):
            assert place.cloud.gcs
            bucket, _, prefix = place.journal.removeprefix("gs://").partition("/")
            return bool(place.cloud.gcs.names(bucket, f"{prefix}/batches/"))
        return any(Path(place.journal).glob("batches/*/*"))

    return _wait(run, reached)


def _claimed(place: Place, run: Run) -> str:
    """Wait until a shard is claimed: row 2."""
    return _wait(run, lambda: _states(place))


def _sending(place: Place, run: Run) -> str:
    """Wait until a job is about to be created, or is by now: rows 3 and 4."""
    return _wait(run, lambda: "sending" in _states(place))


def _created(place: Place, run: Run) -> str:
    """Wait until a job is there; its name may not be written down: row 4."""
    return _wait(run, place.endpoint.batch_jobs)


def _all_created(place: Place, run: Run) -> str:
    """Wait until several jobs are there: row 5."""
    goal = 1 + place.draw.randrange(4)
    return _wait(run, lambda: len(place.endpoint.batch_jobs()) >= goal)


def _part_stored(place: Place, run: Run) -> str:
    """Wait until a part of the answers is in the journal: row 8."""
    before = _stored(place)
    goal = before + 1 + place.draw.randrange(30)
    return _wait(run, lambda: _stored(place) >= goal)


def _collected(place: Place, run: Run) -> str:
    """Wait until a shard is collected, others perhaps not: row 9."""
    return _wait(run, lambda: "collected" in _states(place))


def _any_time(place: Place, run: Run) -> str:
    seconds = place.draw.uniform(0, 8)
    end = time.monotonic() + seconds
    _wait(run, lambda: time.monotonic() >= end)
    return f" ({seconds:.1f} s)"


_WHILE_CREATED: dict[str, Callable[[Place, Run], str]] = {
    "written": _written,
    "claimed": _claimed,
    "sending": _sending,
    "created": _created,
    "all created": _all_created,
    "any time": _any_time,
}
_WHILE_COLLECTED: dict[str, Callable[[Place, Run], str]] = {
    "part stored": _part_stored,
    "collected": _collected,
    "any time": _any_time,
}
_MOMENTS = {**_WHILE_CREATED, **_WHILE_COLLECTED}
