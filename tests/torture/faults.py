"""Every other fault: full and lost disks, services that go away, lies. One function each.

A fault leaves the ledger balanced, or the run stopped with one line that says what to do; the rerun
completes, and then every law holds.
"""

import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

from torture.disk import Disk
from torture.gateway import HANG, PASS, REFUSE, WRONG, Gateway
from torture.hostile import write_hostile
from torture.laws import Found, check
from torture.place import MAX_IN_FLIGHT, Place, Run, Violation

_AWAY_SECONDS = 8.0


def journal_full(place: Place) -> str:
    """Leave no space for answers that were paid for."""
    with Disk(place.folder / "disk", kilobytes=200) as disk:
        place.journal = str(disk.folder / "journal")
        said = _stopped(place.start(), "journal_unwritable", "free space")
        disk.resize(kilobytes=1 << 18)
        return _ended(place, said)


def journal_read_only(place: Place) -> str:
    """Make the journal's file system read-only in mid-run, and leave it so for the rerun."""
    with Disk(place.folder / "disk", kilobytes=1 << 18) as disk:
        place.journal = str(disk.folder / "journal")
        run = place.start()
        _part(place, run)
        disk.protect()
        said = _stopped(run, "journal_unwritable")
        _stopped(place.start(), "--journal")
        disk.release()
        return _ended(place, said)


def failures_full(place: Place) -> str:
    """Leave no space for failure records."""
    with Disk(place.folder / "disk", kilobytes=4) as disk:
        place.failures = str(disk.folder / "failures")
        said = _stopped(place.start(), "No space left", "--failures")
        disk.resize(kilobytes=1 << 18)
        return _ended(place, said)


def journal_damaged(place: Place) -> str:
    """Cut, empty, overwrite and mix up a killed run's journal."""
    run = place.start()
    _part(place, run, 0.6)
    run.kill()
    objects = sorted(_files_of(place, place.journal))
    previous = b"not the first"
    for path in objects:
        whole = path.read_bytes()
        path.write_bytes(
            place.draw.choice(
                (b"", whole[: len(whole) // 2], previous, b"\0" * len(whole), whole[:-1] + b"?")
            )
        )
        previous = whole
    return _ended(place, f"{len(objects)} objects damaged", bought_again=len(objects))


def gcs_away(place: Place) -> str:
    """Have Cloud Storage say nothing for a while."""
    return _away(place, place.gcs, HANG)


def gcs_gone(place: Place) -> str:
    """Take Cloud Storage away in mid-run."""
    return _gone(place, [place.gcs])


def bigquery_away(place: Place) -> str:
    """Have BigQuery reset connections for a while, when rows should land."""
    return _away(place, place.bigquery, REFUSE, share=0.95)


def bigquery_gone(place: Place) -> str:
    """Take BigQuery away when rows should land."""
    return _gone(place, [place.bigquery, place.bigquery_read])


def gemini_gone(place: Place) -> str:
    """Take the endpoint away in mid-run, for longer than --outage_patience."""
    return _gone(place, [place.gemini], "outage")


def gemini_lies(place: Place) -> str:
    """Answer with pages, cut, in wrong lengths, about other documents; break connections."""
    place.gemini.become(WRONG)
    run = place.start()
    code = run.wait()
    place.gemini.become(PASS)
    said = "ended by itself" if code == 0 else run.verdict
    broken = place.gemini.broken
    return _ended(place, f"{broken} connections broken, {said}", bought_again=broken)


def hostile_files(place: Place) -> str:
    """Send files that are no documents, under names that no one should give."""
    place.documents = place.folder / "hostile"
    count = write_hostile(place.documents)
    return _ended(place, f"{count} files")


def ceiling_reached(place: Place) -> str:
    """Kill a run with a ceiling, start it again with a higher one, lose replies; the next has none.

    Both attempts are one run, and pay from one budget: with the second ceiling half of all.
    """
    count = sum(1 for path in place.documents.rglob("*") if path.is_file())
    ceiling = Decimal("0.00016") * count
    flags = {"run_id": "ceiling", "max_in_flight": 4}
    run = place.start(**flags, max_cost_usd=ceiling / 2)
    _part(place, run, 0.1)
    run.kill()
    run = place.start(**flags, max_cost_usd=ceiling)
    _part(place, run, 0.2)
    place.gemini.become(REFUSE)
    place.gemini.become(PASS)
    said = _stopped(run, "--max_cost_usd", "wait for the next run (budget_reached)")
    charged, answered = place.charged, place.answered
    # What the first had in flight was taken from the budget; the last may be dearer than most.
    if charged > ceiling + 4 * 2 * charged / answered:
        raise Violation(f"${charged} was charged, the ceiling was ${ceiling}")
    ended = _ended(place, said, bought_again=3 * MAX_IN_FLIGHT)
    return f"${charged:.4f} of ${ceiling:.4f} | {ended}"


FAULTS: dict[str, Callable[[Place], str]] = {
    each.__name__: each
    for each in (
        journal_full,
        journal_read_only,
        failures_full,
        journal_damaged,
        gcs_away,
        gcs_gone,
        bigquery_away,
        bigquery_gone,
        gemini_gone,
        gemini_lies,
        hostile_files,
        ceiling_reached,
    )
}


def _away(place: Place, gateway: Gateway, mode: str, share: float = 0.3) -> str:
    run = place.start()
    _part(place, run, share)
    gateway.become(mode)
    time.sleep(_AWAY_SECONDS)
    gateway.become(PASS)
    said = "ended by itself" if run.wait() == 0 else run.verdict
    return _ended(place, said)


def _gone(place: Place, gateways: list[Gateway], *words: str) -> str:
    run = place.start(outage_patience=5)
    _part(place, run)
    for gateway in gateways:
        gateway.become(REFUSE)
    try:
        said = _stopped(run, *words)
    finally:
        for gateway in gateways:
            gateway.become(PASS)
    return _ended(place, said)


def _part(place: Place, run: Run, share: float = 0.3) -> None:
    """Wait until so much of the run's calls is done."""
    goal = share * 0.96 * sum(1 for path in place.documents.rglob("*") if path.is_file())
    for answered in place.watch(run):
        if answered >= goal:
            return
    raise Violation(f"the run ended before it could be hurt: {run.said()[-2000:]}")


def _stopped(run: Run, *words: str) -> str:
    """Return the line with which the run stopped; it must have all the words in it."""
    if run.wait() == 0:
        raise Violation("the run ended well, which it could not")
    line = run.verdict
    if missing := [word for word in words if word not in line]:
        raise Violation(f"the line does not say {missing}: {line}")
    return line


def _ended(place: Place, said: str, bought_again: int = 0) -> str:
    place.finish()
    found: Found = check(place, kills=1, bought_again=bought_again)
    return f"{said} | {found.rows} rows, {found.failures} failures, {found.answered} answers"


def _files_of(place: Place, prefix: str) -> Iterator[Path]:
    """Yield the objects below a prefix, as files of this machine."""
    if prefix.startswith("gs://"):
        assert place.cloud.gcs
        folder = place.cloud.gcs.root / prefix.removeprefix("gs://")
    else:
        folder = Path(prefix)
    return (path for path in folder.rglob("*.json.gz") if path.is_file())
