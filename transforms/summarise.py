"""Summarise: the ledger over all outcomes, written as the run summary; it must balance."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import PCollection
from apache_beam.transforms.util import WaitOn
from apache_beam.transforms.window import GlobalWindow
from apache_beam.typehints.decorators import no_annotations
from apache_beam.utils.windowed_value import WindowedValue

from sluicegate.faults import JobFault
from sluicegate.ledger import Ledger
from sluicegate.log import EventKind, log_event
from sluicegate.records import Document, Failure
from sluicegate.storage import StoreError, store_for
from sluicegate.summary import RunInfo, Summary, fault_of, summarise
from transforms.add_up import add_up


class Summarise(beam.PTransform):
    """Matched documents and their outcomes to the summary at `uri`. A sink.

    Takes a dict of collections: `matched` (Documents), `unmatched` (Failures of what could not be
    matched), `rows`, `failures`, `skipped` (Documents), `excluded` (names of files left out, may
    lack), `unusable` (counts of lines), `stats` (CallStats), and `landed`: what must be written
    before the run is finished. `waiting` are the documents that a later run is to do. At the end,
    after everything has landed and the summary is written, JobFault is raised on the worker: when
    the ledger does not balance, when a fault of the job has ended the calls, and when more of the
    documents failed than `info` allows. `finish` is called before, once nothing is left to do.
    """

    def __init__(self, info: RunInfo, uri: str, finish: Callable[[], None] | None = None) -> None:
        super().__init__()
        self._info = info
        self._uri = uri
        self._finish = finish

    @no_annotations
    def expand(self, collections: dict[str, PCollection[Any]]) -> None:
        """Build the step.

        Each bundle is added up where its records are, and the ledgers are flattened: flattening the
        records would make the runner write and read each of them once more.
        """
        ledgers = tuple(
            collections[name]
            | f"Add up {name}" >> beam.ParDo(_AddUp(add)).with_output_types(Ledger)
            for name, add in _ADD.items()
            if name in collections
        )
        ledger = ledgers | beam.Flatten() | "Total" >> add_up(Ledger, Ledger.merge)
        (
            ledger
            | "After writing" >> WaitOn(collections["landed"])
            | "Write"
            >> beam.ParDo(_Write(self._info, self._uri, self._finish)).with_output_types(type(None))
        )


def _matched(ledger: Ledger, found: Document | Failure) -> None:
    ledger.add_matched(found.uri if isinstance(found, Document) else found.document_uri)


def _skipped(ledger: Ledger, document: Document) -> None:
    ledger.add_skipped(document.uri)


def _excluded(ledger: Ledger, _uri: str) -> None:
    ledger.add_excluded()


_ADD: dict[str, Callable[[Ledger, Any], None]] = {
    "matched": _matched,
    "unmatched": _matched,
    "rows": Ledger.add_row,
    "failures": Ledger.add_failure,
    "skipped": _skipped,
    "waiting": Ledger.add_waiting,
    "excluded": _excluded,
    "unusable": Ledger.add_unusable,
    "stats": Ledger.add_stats,
}


class _AddUp(beam.DoFn):
    def __init__(self, add: Callable[[Ledger, Any], None]) -> None:
        self._add = add

    def start_bundle(self) -> None:
        self._ledger = Ledger()

    def process(self, record: Any) -> None:
        self._add(self._ledger, record)

    def finish_bundle(self) -> Iterator[WindowedValue]:
        window = GlobalWindow()
        yield WindowedValue(self._ledger, window.max_timestamp(), (window,))


class _Write(beam.DoFn):
    def __init__(self, info: RunInfo, uri: str, finish: Callable[[], None] | None) -> None:
        self._info = info
        self._uri = uri
        self._finish = finish

    def process(self, ledger: Ledger) -> None:
        summary = summarise(ledger, self._info, datetime.now(UTC))
        try:
            store_for(self._uri).write(self._uri, summary.to_json().encode())
        except StoreError as error:
            raise JobFault("summary_unwritable", str(error)) from error
        log_event(
            EventKind.RUN_SUMMARISED,
            f"{summary.matched} documents = {summary.landed} landed + {summary.failures} failures "
            f"+ {summary.skipped} skipped + {summary.waiting} waiting",
            summary.run_id,
            **_counts(summary),
        )
        if self._finish:
            self._finish()
        if fault := fault_of(ledger, self._info):
            raise fault


def _counts(summary: Summary) -> dict[str, Any]:
    return {
        "matched": summary.matched,
        "landed": summary.landed,
        "partly": summary.partly,
        "rows": summary.rows,
        "record_failures": summary.record_failures,
        "failures": summary.failures,
        "skipped": summary.skipped,
        "waiting": summary.waiting,
        "calls": summary.calls,
        "cost_usd": summary.cost_usd,
    }
