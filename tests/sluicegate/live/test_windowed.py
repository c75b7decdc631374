"""Long documents in windows: one request each, paid once, and one answer."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from samples.statements import make_statement
from sluicegate.asking.response import ApiError
from sluicegate.document_types.answer_json import parse_answer
from sluicegate.document_types.load import load_document_type
from sluicegate.records import Answer, Document, Failure, Usage, Waiting
from tests.sluicegate.live.in_memory import CUT, MODEL, RECITED, USAGE, document
from tests.sluicegate.live.long import SAMPLE, STATEMENT, Reader
from tests.sluicegate.live.rig import COST, Make, Rig
from tests.sluicegate.media import pictures

WINDOWS = [(1, 2), (3, 4), (5, 6)]


@pytest.fixture
def one(tmp_path: Path) -> Document:
    """Return a statement of six pages."""
    return document(tmp_path, "a.pdf", SAMPLE.data)


def long_rig(make: Make, client: Reader | None = None, **changes: Any) -> Rig:
    """Return a rig that asks about statements, two pages at a time."""
    return make(client or Reader(), **{"document_type": STATEMENT, **changes})


def rows(answer: Answer) -> list[Decimal]:
    """Return the amounts of an answer's lines."""
    return [row["amount"] for row in parse_answer(answer.text)["transactions"]]


TRUE = [Decimal(row["amount"]) for row in SAMPLE.truth["transactions"]]


def test_a_long_document_is_asked_about_in_windows(make: Make, one: Document) -> None:
    """All lines come, in order, with the header; every call is counted and paid for."""
    rig = long_rig(make)
    (answer,) = rig.process(one)
    assert isinstance(answer, Answer)
    assert rig.client.windows == WINDOWS  # type: ignore[attr-defined]
    assert rows(answer) == TRUE
    value = parse_answer(answer.text)
    head = ("account_number", "account_holder", "period_end")
    assert [value[name] for name in head] == [SAMPLE.truth[name] for name in head]
    assert (answer.attempts, answer.responses, answer.pages) == (3, 3, 6)
    assert answer.usage == answer.paid == Usage(*(3 * each for each in USAGE))
    assert answer.cost_usd == 3 * COST
    assert (answer.journaled, answer.warnings, answer.finish_reason) == (False, (), "STOP")


def test_the_lines_before_a_window_are_said_and_not_returned(make: Make, one: Document) -> None:
    """As text, after the pages: the foot of the page before, and what stands above it."""
    rig = long_rig(make)
    rig.process(one)
    said = [parts[-1].text for parts, _ in rig.client.calls]
    foot = "Page 2 of 6" if "Page" in said[1] else "Seite 2 von 6"
    assert foot in said[1]
    assert foot not in said[0] + said[2]
    assert all(text.count("\n  | ") == lines for text, lines in zip(said, (0, 6, 6), strict=True))


def test_a_second_run_pays_nothing(make: Make, one: Document) -> None:
    """Each window is in the journal, under an identity of its own."""
    (first,) = long_rig(make).process(one)
    again = long_rig(make)
    (answer,) = again.process(one)
    assert again.client.calls == []
    assert (answer.text, answer.identity) == (first.text, first.identity)
    assert (answer.paid, answer.attempts, answer.journaled) == (Usage(), 0, True)
    assert answer.usage == first.usage


def test_a_window_that_fails_fails_the_document_and_the_others_are_kept(
    make: Make, one: Document
) -> None:
    """The message has its pages; nothing of it is paid for again."""

    class Failing(Reader):
        async def generate(self, parts: Any, max_output_tokens: int) -> Any:
            reply = await super().generate(parts, max_output_tokens)
            return RECITED if "pages 5 to 6" in parts[-1].text else reply

    (failure,) = long_rig(make, Failing()).process(one)
    assert isinstance(failure, Failure)
    assert failure.code == "recitation"
    assert "pages 5 to 6 of 6" in failure.message
    assert (failure.attempts, failure.responses) == (5, 5)
    again = long_rig(make)
    (same,) = again.process(one)
    assert (same.code, same.attempts, same.usage) == ("recitation", 0, failure.usage)
    assert again.client.calls == []


def test_a_cut_window_is_halved(make: Make, one: Document) -> None:
    """As far as a page; what was cut is paid for and never asked again."""

    class Cutting(Reader):
        async def generate(self, parts: Any, max_output_tokens: int) -> Any:
            reply = await super().generate(parts, max_output_tokens)
            return CUT if "pages 3 to 4" in parts[-1].text else reply

    rig = long_rig(make, Cutting())
    (answer,) = rig.process(one)
    assert rows(answer) == TRUE
    assert sorted(set(rig.client.windows)) == [(1, 2), (3, 3), (3, 4), (4, 4), (5, 6)]  # type: ignore[attr-defined]
    again = long_rig(make)
    assert rows(again.process(one)[0]) == TRUE
    assert again.client.calls == []


def test_a_cut_answer_about_a_whole_document_is_asked_in_halves(make: Make, tmp_path: Path) -> None:
    """It has fewer pages than a window, and more lines than an answer."""
    sample = make_statement(4, 2, rows=20, pages=4)

    class Cutting(Reader):
        async def generate(self, parts: Any, max_output_tokens: int) -> Any:
            reply = await super().generate(parts, max_output_tokens)
            return reply if parts[-1].text else CUT

    kind = load_document_type("bank_statement")
    rig = long_rig(make, Cutting(), document_type=kind)
    (answer,) = rig.process(document(tmp_path, "b.pdf", sample.data))
    assert len(rows(answer)) == 20
    assert rig.client.windows == [(0, 0), (0, 0), (1, 2), (3, 4)]  # type: ignore[attr-defined]


def test_more_pages_than_the_model_takes_are_no_failure(make: Make, one: Document) -> None:
    """But with windows turned off they are."""
    small = replace(MODEL, limits=replace(MODEL.limits, pdf_pages=5))
    (answer,) = long_rig(make, model=small).process(one)
    assert rows(answer) == TRUE
    whole = load_document_type("bank_statement", window_pages=0)
    (failure,) = long_rig(make, document_type=whole, model=small).process(one)
    assert failure.code == "too_many_pages"


def test_an_answer_of_before_stays_an_answer(make: Make, one: Document) -> None:
    """What was asked about the whole document is in the journal: nothing is paid again."""
    whole = load_document_type("bank_statement", window_pages=0)
    (first,) = long_rig(make, document_type=whole).process(one)
    rig = long_rig(make)
    (answer,) = rig.process(one)
    assert rig.client.calls == []
    assert (answer.text, answer.identity) == (first.text, first.identity)


def test_pages_of_a_tiff_are_windows_too(make: Make, tmp_path: Path) -> None:
    """They are pictures already: nothing is cut."""
    pages = [pictures.page("L", (60 + n, 40)) for n in range(5)]
    data = pictures.saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    kind = load_document_type("receipt", window_pages=2)

    class Told(Reader):
        def read(self, parts: Any) -> str:
            return f'{{"total": 5, "items": [{{"total": {len(parts)}}}]}}'

    rig = make(Told(), document_type=kind)
    (answer,) = rig.process(document(tmp_path, "c.tif", data))
    assert [len(parts) for parts, _ in rig.client.calls] == [2, 3, 3]
    assert len(parse_answer(answer.text)["items"]) == 3
    assert answer.pages == 5


def test_a_fault_of_the_job_leaves_the_document_waiting(make: Make, one: Document) -> None:
    """What was answered is journalled; the next run asks about the rest alone."""

    class Revoked(Reader):
        async def generate(self, parts: Any, max_output_tokens: int) -> Any:
            if "pages 5 to 6" in parts[-1].text:
                self.calls.append((parts, max_output_tokens))
                return ApiError(401, {"message": "key revoked", "status": "UNAUTHENTICATED"})
            return await super().generate(parts, max_output_tokens)

    (waiting,) = long_rig(make, Revoked()).process(one)
    assert isinstance(waiting, Waiting)
    assert waiting.responses == 2
    again = long_rig(make)
    assert rows(again.process(one)[0]) == TRUE
    assert again.client.windows == WINDOWS[2:]  # type: ignore[attr-defined]
