"""Long documents on the stand-in: what a page costs, and whether short answers are seen.

    python -m benchmarks.long_documents                   statements of 5 to 60 pages, 200 batches
    python -m benchmarks.long_documents --batches 30      fewer

The first table is about statements of 33 rows a page: calls, tokens and dollars of an honest
answer, and how many statements are caught when one row in twenty is missing. The second is about
batches of 1 to 20 invoices in one file: of an honest stand-in and of each way to lie, how many
files came out right, how many were flagged, and how many neither. Tokens are the stand-in's, whose
figures are those that the service documents: 560 a page, 4 characters each.
"""

import argparse
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

from emulators.gemini import Behaviour, FaultRule, GeminiEndpoint
from emulators.gemini.lies import LIES
from samples.batches import make_batch
from samples.generator import Sample
from samples.statements import make_statement
from sluicegate.document_types import many
from sluicegate.document_types.answer_json import parse_answer
from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.load import load_document_type
from sluicegate.document_types.long import Incomplete
from sluicegate.gemini.catalogue import load_catalogue
from sluicegate.gemini.connection import Connection
from sluicegate.landing.rows import RowBuilder
from sluicegate.live.connect import Connect
from sluicegate.live.engine import Engine, EngineSettings, Result
from sluicegate.records import Answer
from sluicegate.storage import store_for

HEADER = ("invoice_id", "vendor_name", "invoice_date", "currency", "total_amount")
PAGES = (5, 10, 20, 30, 45, 60)
ROWS_A_PAGE = 100 / 3
_IN_FLIGHT = 8  # documents


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one document."""

    result: Result
    right: bool
    warnings: tuple[str, ...]  # of its rows; of a failure, its message

    @property
    def flagged(self) -> bool:
        """Whether anything is said of it: a warning on a row, or a failure."""
        return bool(self.warnings)


@dataclass(frozen=True, slots=True)
class Shares:
    """How many files came out how."""

    files: int
    right: int
    flagged: int
    silent: int  # wrong, and nothing says so
    false_alarms: int  # right, and flagged
    calls: int
    dollars: Decimal

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> "Shares":
        """Add up outcomes."""
        return cls(
            files=len(outcomes),
            right=sum(each.right for each in outcomes),
            flagged=sum(each.flagged for each in outcomes),
            silent=sum(not each.right and not each.flagged for each in outcomes),
            false_alarms=sum(each.right and each.flagged for each in outcomes),
            calls=sum(each.result.attempts for each in outcomes),
            dollars=sum((each.result.cost_usd or Decimal(0) for each in outcomes), Decimal(0)),
        )


def statement_type(incomplete: Incomplete = "warn") -> DocumentType:
    """Return the built-in type of statements."""
    return replace(load_document_type("bank_statement"), incomplete=incomplete)


def batch_type(incomplete: Incomplete = "warn") -> DocumentType:
    """Return the built-in type of invoices, many in a file."""
    return replace(load_document_type("invoice", "many"), incomplete=incomplete)


@contextmanager
def engine(endpoint: GeminiEndpoint, kind: DocumentType, journal: str) -> Iterator[Engine]:
    """Run an engine against the stand-in."""
    catalogue = load_catalogue()
    model = catalogue.get(catalogue.default)
    connect = Connect(
        EngineSettings(kind, model),
        Connection("developer", endpoint=endpoint.url),
        journal,
        run_id="bench",
    )
    running = connect()
    try:
        yield running
    finally:
        running.close()
        connect.release_journal()


def ask(
    endpoint: GeminiEndpoint, samples: Sequence[Sample], kind: DocumentType, folder: Path
) -> list[Outcome]:
    """Ask about samples, each once; return what came of them."""
    folder.mkdir(parents=True)
    for sample in samples:
        (folder / sample.name).write_bytes(sample.data)
    store = store_for(str(folder))
    found: list[Outcome] = []
    with engine(endpoint, kind, str(folder / "journal")) as running:
        futures: list[Future[Result]] = []
        for number, sample in enumerate(samples):
            document = store.stat(str(folder / sample.name))
            digest = f"sha256:{hashlib.sha256(sample.data).hexdigest()}"
            futures.append(running.submit(replace(document, digest=digest)))
            if number >= _IN_FLIGHT:
                futures[number - _IN_FLIGHT].result()
        for sample, future in zip(samples, futures, strict=True):
            result = future.result()
            right = isinstance(result, Answer) and _is_right(result, sample)
            found.append(Outcome(result, right, tuple(_said(result, kind))))
    return found


def _said(result: Result, kind: DocumentType) -> Iterator[str]:
    """Yield what a run says of a result: the warnings of its rows, and its failures."""
    if not isinstance(result, Answer):
        yield result.message
        return
    built = RowBuilder(kind, "bench").build(result, datetime.now(UTC))
    for row in built.rows:
        yield from row.values["provenance"]["warnings"]
    for failure in built.failed:
        yield failure.message


def _is_right(answer: Answer, sample: Sample) -> bool:
    value = parse_answer(answer.text)
    if "transactions" in sample.truth:
        return _same_rows(value["transactions"], sample.truth["transactions"], "amount")
    true = sample.truth["records"]
    found = value[many.RECORDS]
    return value[many.RECORD_COUNT] == len(true) == len(found) and all(
        (mine["first_page"], mine["last_page"]) == (its["first_page"], its["last_page"])
        and all(_same(mine["values"][name], its[name]) for name in HEADER)
        and _same_rows(mine["values"]["line_items"], its["line_items"], "total")
        for mine, its in zip(found, true, strict=True)
    )


def _wrong(answer: Answer, sample: Sample) -> Iterator[str]:
    """Yield the first few header fields that are not as they should be."""
    found = parse_answer(answer.text).get(many.RECORDS, [])
    for mine, its in zip(found, sample.truth.get("records", []), strict=False):
        for name in HEADER:
            if not _same(mine["values"][name], its[name]):
                yield f"page {its['first_page']}: {name} {mine['values'][name]}, not {its[name]}"


def _same_rows(mine: Sequence[Any], its: Sequence[Any], name: str) -> bool:
    # As a collection: pages that lie in the wrong order have theirs in that order.
    return sorted(row[name] for row in mine) == sorted(Decimal(row[name]) for row in its)


def _same(mine: Any, its: str) -> bool:
    return mine == Decimal(its) if isinstance(mine, Decimal | int) else mine == its


def lying(lie: str, share: float | None = None) -> Behaviour:
    """Return the behaviour of a stand-in that lies, about a share of the requests or all."""
    return Behaviour(faults=(FaultRule(fault=lie, share=share),))


def statements(endpoint: GeminiEndpoint, folder: Path, pages: Sequence[int]) -> Iterator[str]:
    """Yield the lines of the table about statements of so many pages, ten of each length."""
    yield "| pages | rows | calls | recall | $ | $ a page | flagged | 1 row in 20 missing: caught |"
    yield "|---|---|---|---|---|---|---|---|"
    for count in pages:
        rows = round(count * ROWS_A_PAGE)
        made = [make_statement(22, n, rows=rows, pages=count) for n in range(3)]
        endpoint.set_behaviour(Behaviour())
        honest = ask(endpoint, made, statement_type(), folder / f"{count}")
        shares = Shares.of(honest)
        recall = sum(_recall(each, sample) for each, sample in zip(honest, made, strict=True))
        endpoint.set_behaviour(lying("drop_rows"))
        caught = Shares.of(ask(endpoint, made, statement_type(), folder / f"{count}-short"))
        dollars = shares.dollars / len(made)
        yield (
            f"| {count} | {rows:,} | {shares.calls // len(made)} | {recall / len(made):.3f} "
            f"| {dollars:.4f} | {dollars / count:.5f} | {shares.flagged} of {shares.files} "
            f"| {caught.flagged} of {caught.files} |"
        )


def _recall(outcome: Outcome, sample: Sample) -> float:
    if not isinstance(outcome.result, Answer):
        return 0.0
    found = parse_answer(outcome.result.text)["transactions"]
    true = sample.truth["transactions"]
    keys = {(row["date"], row["description"], row["balance"]) for row in found}
    hits = sum((r["date"], r["description"], Decimal(r["balance"])) in keys for r in true)
    return hits / len(true)


def batches(endpoint: GeminiEndpoint, folder: Path, count: int, again: int) -> Iterator[str]:
    """Yield the lines of the table about batches, for what is done with incomplete answers.

    `count` batches where they are warned of, the first `again` of them where they are asked about
    again: that takes a stand-in many times the pages to read.
    """
    yield "| stand-in | `incomplete` | files | right | flagged | right, flagged | silent | $ |"
    yield "|---|---|---|---|---|---|---|---|"
    modes: tuple[tuple[Incomplete, int], ...] = (("warn", count), ("reask", again))
    for mode, files in modes:
        made = [make_batch(22, n) for n in range(files)]
        for lie in ("", *LIES):
            endpoint.set_behaviour(lying(lie) if lie else Behaviour())
            found = ask(endpoint, made, batch_type(mode), folder / f"{lie or 'honest'}-{mode}")
            shares = Shares.of(found)
            yield (
                f"| {lie or 'honest'} | {mode} | {shares.files} | {shares.right} "
                f"| {shares.flagged} | {shares.false_alarms} | {shares.silent} "
                f"| {shares.dollars:.2f} |"
            )
            for outcome, sample in zip(found, made, strict=True):
                if not lie and (outcome.flagged or not outcome.right):
                    _explain(outcome, sample)


def _explain(outcome: Outcome, sample: Sample) -> None:
    said = [*outcome.warnings[:5]]
    if isinstance(outcome.result, Answer):
        said += list(_wrong(outcome.result, sample))[:5]
    print(f"  {sample.name}: right {outcome.right}, {said}", file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.long_documents")
    parser.add_argument("--batches", type=int, default=200, metavar="N")
    parser.add_argument("--again", type=int, metavar="N", help="of them, asked about again")
    parser.add_argument("--pages", default=",".join(map(str, PAGES)), metavar="N,N,…")
    options = parser.parse_args(arguments)
    os.environ.setdefault("GEMINI_API_KEY", "local")
    pages = [int(each) for each in options.pages.split(",") if each]
    again = options.batches if options.again is None else options.again
    with tempfile.TemporaryDirectory(prefix="sluicegate-long-") as folder, GeminiEndpoint() as end:
        lines = chain(
            statements(end, Path(folder) / "statements", pages) if pages else (),
            batches(end, Path(folder) / "batches", options.batches, again),
        )
        for line in lines:
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
