"""Answers held against their pages: warned of, asked about again, or failed."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from samples.batches import make_batch
from samples.statements import make_statement
from sluicegate.document_types.answer_json import parse_answer
from sluicegate.document_types.load import load_document_type
from sluicegate.records import Answer, Document, Failure
from tests.sluicegate.live.in_memory import document, settings
from tests.sluicegate.live.long import SAMPLE, STATEMENT, Reader
from tests.sluicegate.live.rig import Make, Rig

REASK = replace(STATEMENT, incomplete="reask")
BATCH = make_batch(22, 3)  # 10 pages, 5 invoices, of which two have three pages
MANY = replace(load_document_type("invoice", "many"), window_pages=5)


@pytest.fixture
def one(tmp_path: Path) -> Document:
    """Return a statement of six pages."""
    return document(tmp_path, "a.pdf", SAMPLE.data)


def rig_of(make: Make, lie: str = "", **changes: Any) -> Rig:
    """Return a rig whose model tells a lie."""
    kind = changes.setdefault("document_type", STATEMENT)
    return make(Reader(kind=kind, lie=lie), **changes)


def test_rows_that_are_missing_are_a_warning(make: Make, one: Document) -> None:
    """With the pages and how many; what is stored says so to every later run."""
    (answer,) = rig_of(make, "drop_rows").process(one)
    assert isinstance(answer, Answer)
    assert len(answer.warnings) == 3  # a row of each window
    assert all(
        each.startswith("incomplete: transactions: page ") and "prints a line" in each
        for each in answer.warnings
    )
    again = rig_of(make)
    assert again.process(one)[0].warnings == answer.warnings
    assert again.client.calls == []


def test_the_warning_about_a_whole_document_is_stored(make: Make, tmp_path: Path) -> None:
    """Its pages are not read again for an answer that the journal has."""
    sample = make_statement(4, 3, rows=30, pages=2)
    two = document(tmp_path, "b.pdf", sample.data)
    (first,) = rig_of(make, "drop_rows").process(two)
    assert first.warnings
    Path(two.uri).unlink()
    (again,) = rig_of(make).process(two)
    assert again.warnings == first.warnings


def test_a_batch_jobs_answer_is_held_against_its_pages_when_it_is_taken_up(
    make: Make, tmp_path: Path
) -> None:
    """At each time, with one warning; where they cannot be read it lands, and says so."""
    two = document(tmp_path, "b.pdf", make_statement(4, 3, rows=30, pages=2).data)
    (called,) = rig_of(make, "drop_rows").process(two)
    rig = rig_of(make)
    request = settings(document_type=STATEMENT).question.about(two.digest)
    entry = asyncio.run(rig.journal.get(request))
    jobs = replace(entry, responses=(replace(entry.responses[0], job="j1"),), warnings=())
    asyncio.run(rig.journal.put(request, jobs))
    for _ in range(2):
        (answer,) = rig.process(two)
        assert answer.warnings == called.warnings != ()
    asyncio.run(rig.journal.put(request, jobs))
    Path(two.uri).unlink()
    (unseen,) = rig.process(two)
    assert isinstance(unseen, Answer)
    assert [each[:26] for each in unseen.warnings] == ["not held against its pages"]
    assert rig.client.calls == []


def test_incomplete_answers_fail_where_the_type_says_so(make: Make, one: Document) -> None:
    """With what was found; the answer itself is kept for a person."""
    (failure,) = rig_of(
        make, "drop_rows", document_type=replace(STATEMENT, incomplete="fail")
    ).process(one)
    assert isinstance(failure, Failure)
    assert failure.code == "incomplete"
    assert "lines come to" in failure.message
    assert "prints a line that the answer's" in failure.message
    assert parse_answer(failure.raw_answer or "")["transactions"]


def test_the_next_run_may_be_stricter_than_the_one_that_paid(make: Make, one: Document) -> None:
    """Answers of the journal are held against their pages, at no cost."""
    assert isinstance(rig_of(make, "drop_rows").process(one)[0], Answer)
    strict = rig_of(make, document_type=replace(STATEMENT, incomplete="fail"))
    (failure,) = strict.process(one)
    assert (failure.code, failure.attempts) == ("incomplete", 0)
    assert strict.client.calls == []


def test_pages_are_asked_about_again_in_smaller_windows(make: Make, tmp_path: Path) -> None:
    """Until nothing is missing: a model that goes short on long lists is asked for short ones."""
    sample = make_statement(4, 4, rows=200, pages=6)
    kind = replace(REASK, window_pages=6)
    rig = rig_of(make, "fewer_rows", document_type=kind)
    (answer,) = rig.process(document(tmp_path, "c.pdf", sample.data))
    assert isinstance(answer, Answer)
    assert len(parse_answer(answer.text)["transactions"]) == 200
    assert answer.warnings == ()
    windows: Any = rig.client.windows  # type: ignore[attr-defined]
    assert windows[:4] == [(0, 0), (1, 2), (3, 4), (5, 6)]
    assert set(windows[4:]) == {(n, n) for n in range(1, 7)}
    assert answer.attempts == len(windows) == 10


def test_only_the_pages_that_lack_something_are_asked_about_again(
    make: Make, tmp_path: Path
) -> None:
    """Of records that say which they are."""

    class Once(Reader):
        def read(self, parts: Any) -> str:
            self.lie = "drop_last_third" if "pages 6 to 10" in parts[-1].text else ""
            return super().read(parts)

    kind = replace(MANY, incomplete="reask")
    rig = make(Once(kind=kind), document_type=kind)
    (answer,) = rig.process(document(tmp_path, "d.pdf", BATCH.data))
    assert isinstance(answer, Answer)
    assert len(parse_answer(answer.text)["records"]) == BATCH.truth["record_count"]
    asked = rig.client.windows
    assert asked[:2] == [(1, 5), (6, 10)]
    assert all(first >= 6 or last <= 5 for first, last in asked[2:])


def test_what_stays_incomplete_down_to_single_pages_fails(make: Make, one: Document) -> None:
    """Everything that was tried is paid for and counted, once."""
    rig = rig_of(make, "drop_rows", document_type=REASK)
    (failure,) = rig.process(one)
    assert failure.code == "incomplete"
    windows: Any = rig.client.windows  # type: ignore[attr-defined]
    assert sorted(windows) == sorted([(1, 2), (3, 4), (5, 6), *((n, n) for n in range(1, 7))])
    assert failure.responses == len(windows)
    again = rig_of(make, document_type=REASK)
    assert again.process(one)[0].code == "incomplete"
    assert again.client.calls == []


@pytest.mark.parametrize("lie", ["drop_last_third", "merge_records", "split_record"])
def test_records_that_are_lost_merged_or_split_are_seen(
    make: Make, tmp_path: Path, lie: str
) -> None:
    """And those of an honest model are not."""
    batch = document(tmp_path, "d.pdf", BATCH.data)
    strict = replace(MANY, incomplete="fail")
    (failure,) = rig_of(make, lie, document_type=strict).process(batch)
    assert failure.code == "incomplete"


def test_an_honest_answer_about_many_records_is_whole(make: Make, tmp_path: Path) -> None:
    """Records that span windows are one, each with all its lines."""
    batch = document(tmp_path, "d.pdf", BATCH.data)
    (answer,) = rig_of(make, document_type=replace(MANY, incomplete="fail")).process(batch)
    assert isinstance(answer, Answer)
    found = parse_answer(answer.text)
    assert [
        (r["first_page"], r["last_page"], len(r["values"]["line_items"])) for r in found["records"]
    ] == [(r["first_page"], r["last_page"], len(r["line_items"])) for r in BATCH.truth["records"]]
    assert found["set_aside"] == BATCH.truth["set_aside"]


def _shape(record: dict[str, Any], values: dict[str, Any]) -> tuple[int, int, int]:
    return record["first_page"], record["last_page"], len(values["line_items"])
