"""The laws, checked on what a run left behind in its table, its failure files and its journal."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torture.many import check_records
from torture.place import MAX_IN_FLIGHT, Place, Violation


@dataclass(frozen=True)
class Found:
    """What there was at the end."""

    rows: int
    failures: int
    answered: int
    doubled_rows: int  # rows beyond the current ones, which are what the view shows
    records: str = ""  # what was found of records, where documents have several


def check(place: Place, kills: int, *, bought_again: int = 0) -> Found:
    """Check what the last run, which went to its end, left behind; raise `Violation`.

    `kills`: how often calls in flight were thrown away; `bought_again`: answers that were lost
    on purpose.
    """
    documents = {str(path) for path in place.documents.rglob("*") if path.is_file()}
    summary = json.loads(place.summary.read_text())
    _equal("matched documents", summary["matched"], len(documents))
    counted = summary["landed"] + summary["failures"] + summary["skipped"]
    _equal("landed, failed and skipped", counted, len(documents))

    failures = read_lines(place)
    last = [record for record in failures if record["run_id"] == place.run_id]
    latest = rows_of(place, f"{place.table}_latest")
    current = _current(failures, latest)
    failed = {record["document_uri"] for record in last} - set(latest)
    _equal("documents that failed in the last run", len(failed), summary["failures"])
    _equal("current failures", current, failed)
    recorded = Counter((record["document_uri"], record["record_index"]) for record in last)
    _once("failure record of the last run", recorded, set(recorded))
    records = ""
    if place.flags.get("records") == "many":
        records = check_records(place, latest, failures)
    else:
        _once("current row", latest, set(latest))
    if both := current & set(latest):
        raise Violation(f"{len(both)} documents are both row and failure: {sorted(both)[:3]}")
    _equal("documents accounted for", set(latest) | current, documents)

    paid = place.answered
    most = place.requests + kills * MAX_IN_FLIGHT + bought_again
    if paid > most:
        raise Violation(f"{paid} answers were paid for, at most {most} are allowed")
    rows = rows_of(place, place.table)
    return Found(len(latest), len(current), paid, rows.total() - latest.total(), records)


def rows_of(place: Place, table: str) -> Counter[str]:
    """Return how many rows each document has in a table."""
    query = f"SELECT document_uri, COUNT(*) AS n FROM `{table}` GROUP BY document_uri"
    found = place.cloud.bigquery_client().query_and_wait(query)
    return Counter({row["document_uri"]: row["n"] for row in found})


def read_lines(place: Place) -> list[dict[str, Any]]:
    """Return the failure records of all runs."""
    bucket, _, prefix = place.failures.removeprefix("gs://").partition("/")
    if bucket and place.failures.startswith("gs://"):
        assert place.cloud.gcs
        names = place.cloud.gcs.names(bucket, f"{prefix}/")
        texts = [place.cloud.gcs.get(bucket, name) for name in names if name.endswith(".jsonl")]
    else:
        texts = [path.read_bytes() for path in Path(place.failures).glob("*/failures-*.jsonl")]
    return [json.loads(line) for text in texts for line in text.splitlines()]


def _current(failures: list[dict[str, Any]], latest: Counter[str]) -> set[str]:
    """Return the documents whose failure still stands, as the documented view has it."""
    return {record["document_uri"] for record in failures} - set(latest)


def _once(what: str, counts: Counter[Any], expected: set[Any]) -> None:
    if wrong := {uri: counts[uri] for uri in expected if counts[uri] != 1}:
        raise Violation(f"{len(wrong)} documents have not exactly one {what}: {wrong}"[:600])


def _equal(what: str, found: Any, expected: Any) -> None:
    if found != expected:
        if isinstance(found, set):
            found, expected = sorted(found - expected)[:5], sorted(expected - found)[:5]
            raise Violation(f"{what}: {found} too many, {expected} missing")
        raise Violation(f"{what}: {found}, expected {expected}")
