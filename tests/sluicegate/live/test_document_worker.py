"""One document to its Answer or Failure: content, bytes, calls, money. With real files."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sluicegate.asking.response import Response
from sluicegate.faults import JobFault
from sluicegate.formats import sniff
from sluicegate.live.document_worker import DocumentWorker
from sluicegate.media.prepare import Part
from sluicegate.pacing.pacer import PacerSettings
from sluicegate.records import Answer, Document, Failure, Usage
from tests.sluicegate.live.in_memory import (
    CUT,
    GOOD,
    MODEL,
    RECITED,
    TROUBLE,
    USAGE,
    Gemini,
    document,
    rejection,
    settings,
)
from tests.sluicegate.live.rig import COST, PNG, Make, Rig, png
from tests.sluicegate.live.virtual_time import InlineStores, at_once, clock, run
from tests.sluicegate.media import pictures


def test_an_answer_has_all_that_a_row_needs(make: Make, tmp_path: Path) -> None:
    """It has text, model, tokens, money and attempts."""
    rig = make()
    one = document(tmp_path, "a.png", PNG)
    (answer,) = rig.process(one)
    assert isinstance(answer, Answer)
    assert (answer.document, answer.text, answer.finish_reason) == (one, '{"a": "1"}', "STOP")
    assert (answer.model, answer.model_version) == (MODEL.name, "m-001")
    assert answer.usage == answer.paid == USAGE
    assert (answer.cost_usd, answer.pages) == (COST, 1)
    assert (answer.attempts, answer.latency_ms, answer.journaled) == (1, 120, False)
    assert rig.client.calls == [((Part(sniff.PNG, PNG, pages=1),), 8192)]
    assert rig.client.closed


def test_a_second_run_pays_nothing(make: Make, tmp_path: Path) -> None:
    """The journal has the answer: no call, no cost, the same text and tokens."""
    one = document(tmp_path, "a.png", PNG)
    make().process(one)
    again = make()
    (answer,) = again.process(one)
    assert again.client.calls == []
    assert (answer.text, answer.usage, answer.pages) == ('{"a": "1"}', USAGE, 1)
    assert (answer.paid, answer.cost_usd, answer.attempts) == (Usage(), Decimal(0), 0)
    assert answer.journaled


def test_another_question_is_another_call(make: Make, tmp_path: Path) -> None:
    """Model, prompt and options are part of the identity."""
    one = document(tmp_path, "a.png", PNG)
    make().process(one)
    for changes in (
        {"model": replace(MODEL, name="other")},
        {"document_type": replace(settings().document_type, prompt="Read again.")},
    ):
        rig = make(**changes)
        rig.process(one)
        assert len(rig.client.calls) == 1


def test_a_higher_token_limit_pays_for_cut_answers_alone(make: Make, tmp_path: Path) -> None:
    """Raising max_output_tokens repeats the calls whose answers were cut, and no others."""
    whole = document(tmp_path, "a.png", PNG)
    make().process(whole)
    cut = document(tmp_path, "b.png", png(7))
    (failure,) = make(Gemini(always=CUT)).process(cut)
    assert failure.code == "answer_cut"
    roomy = replace(settings().document_type, max_output_tokens=20_000)
    rig = make(document_type=roomy)
    answers = rig.process(whole, cut)
    assert [type(answer) for answer in answers] == [Answer, Answer]
    assert len(rig.client.calls) == 1


def test_the_same_content_is_paid_once(make: Make, tmp_path: Path) -> None:
    """The same content under three names: one call, three answers, one of them paid."""
    copies = [document(tmp_path, f"{name}.png", PNG) for name in "abc"]
    rig = make(Gemini(seconds=5))
    answers = rig.process(*copies)
    assert len(rig.client.calls) == 1
    assert [answer.document for answer in answers] == copies
    assert [answer.cost_usd for answer in answers] == [COST, 0, 0]
    assert [answer.paid for answer in answers] == [USAGE, Usage(), Usage()]
    assert [answer.journaled for answer in answers] == [False, True, True]
    assert all(answer.usage == USAGE for answer in answers)


def test_the_same_content_shares_its_failure(make: Make, tmp_path: Path) -> None:
    """Each document fails under its own name; one of them paid."""
    copies = [document(tmp_path, f"{name}.png", PNG) for name in "ab"]
    rig = make(Gemini([Response("", "SAFETY", usage=USAGE)], seconds=5))
    failures = rig.process(*copies)
    assert [failure.code for failure in failures] == ["blocked", "blocked"]
    assert [failure.document_uri for failure in failures] == [one.uri for one in copies]
    assert [failure.paid for failure in failures] == [USAGE, Usage()]


def test_a_file_that_is_gone_fails_alone(make: Make, tmp_path: Path) -> None:
    """Only the name that cannot be read fails; the same content elsewhere is read there."""
    copies = [document(tmp_path, f"{name}.png", PNG) for name in "ab"]
    (tmp_path / "a.png").unlink()
    gone, there = make(Gemini(seconds=5)).process(*copies)
    assert isinstance(gone, Failure)
    assert gone.code == "changed"
    assert isinstance(there, Answer), there


def test_a_response_is_journalled_before_it_is_judged(make: Make, tmp_path: Path) -> None:
    """At the second call the first response is already on disk."""
    one = document(tmp_path, "a.png", PNG)
    stored: list[int] = []
    rig = make()

    def count_stored() -> None:
        request = settings().question.about(one.digest)
        stored.append(len(at_once(rig.journal.get(request)).responses))

    rig.client = Gemini([RECITED, CUT, GOOD], on_call=count_stored)
    (answer,) = rig.process(one)
    assert stored == [0, 1, 2]
    assert answer.attempts == 3
    assert answer.paid == Usage(3000, 0, 600, 150)
    assert answer.cost_usd == 3 * COST


def test_a_cut_answer_is_called_for_with_a_higher_limit(make: Make, tmp_path: Path) -> None:
    """It is called for once more; then it fails with its text, and is never bought again."""
    one = document(tmp_path, "a.png", PNG)
    rig = make(Gemini(always=CUT))
    (failure,) = rig.process(one)
    assert [limit for _, limit in rig.client.calls] == [8192, 32768]
    assert (failure.code, failure.raw_answer, failure.attempts) == ("answer_cut", '{"a"', 2)
    assert failure.paid == USAGE + USAGE
    assert failure.cost_usd == 2 * COST
    again = make()
    (failure,) = again.process(one)
    assert again.client.calls == []
    assert (failure.code, failure.journaled, failure.cost_usd) == ("answer_cut", True, 0)


def test_a_killed_dialogue_continues(make: Make, tmp_path: Path) -> None:
    """The cut answer is in the journal: the next run begins with the raised limit."""
    one = document(tmp_path, "a.png", PNG)
    first = make(Gemini([CUT, JobFault("bad_credentials", "gone")]))
    (result,) = first.process(one)
    assert isinstance(result, JobFault)
    second = make()
    (answer,) = second.process(one)
    assert [limit for _, limit in second.client.calls] == [32768]
    assert (answer.attempts, answer.paid, answer.usage) == (1, USAGE, USAGE + USAGE)
    assert answer.cost_usd == COST


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"hello", "unsupported_type"),
        (PNG[:-9], "truncated"),
        (pictures.pdf(1, "secret"), "encrypted"),
        (pictures.pdf(0), "corrupt"),
    ],
)
def test_a_broken_document_costs_nothing(
    make: Make, tmp_path: Path, content: bytes, code: str
) -> None:
    """It fails before a call is made."""
    rig = make()
    (failure,) = rig.process(document(tmp_path, "a.pdf", content))
    assert (failure.code, failure.attempts, failure.cost_usd) == (code, 0, 0)
    assert (failure.paid, failure.raw_answer, failure.journaled) == (Usage(), None, False)
    assert failure.document_uri == f"{tmp_path}/a.pdf"
    assert rig.client.calls == []


def test_a_changed_document_fails(make: Make, tmp_path: Path) -> None:
    """Its version is no longer what was matched."""
    one = replace(document(tmp_path, "a.png", PNG), version="1")
    (failure,) = make().process(one)
    assert failure.code == "changed"


def test_an_unreadable_document_fails(make: Make, tmp_path: Path) -> None:
    """The store's error is the document's failure."""
    (tmp_path / "folder").mkdir()
    (failure,) = make().process(Document(f"{tmp_path}/folder", 10, digest="sha256:1"))
    assert failure.code == "unreadable"


def test_a_later_failure_carries_what_was_paid(make: Make, tmp_path: Path) -> None:
    """A paid response, then transient errors: the failure carries the tokens."""
    rig = make(Gemini([RECITED], always=TROUBLE))
    (failure,) = rig.process(document(tmp_path, "a.png", PNG))
    assert failure.code == "server_error"
    assert (failure.paid, failure.cost_usd, failure.attempts) == (USAGE, COST, 5)


def test_an_unknown_price_makes_the_cost_none(make: Make, tmp_path: Path) -> None:
    """It is never zero, but for an answer of the journal, which cost nothing."""
    model = replace(MODEL, prices=())
    one = document(tmp_path, "a.png", PNG)
    (answer,) = make(model=model).process(one)
    assert answer.cost_usd is None
    (answer,) = make(model=model).process(one)
    assert answer.cost_usd == 0


def test_a_slow_first_call_does_not_hold_the_others_for_long(make: Make, tmp_path: Path) -> None:
    """After one second alone the others start."""
    unpaced = PacerSettings(max_in_flight=8, requests_per_minute=10**8)
    rig = make(Gemini(seconds=60), pacer=unpaced)
    rig.process(*(document(tmp_path, f"{n}.png", png(n)) for n in range(5)))
    assert rig.client.times[1] - rig.client.times[0] == pytest.approx(1, abs=0.1)
    assert rig.client.times[4] - rig.client.times[1] < 0.1


def test_document_bytes_in_memory_are_bounded(make: Make, tmp_path: Path) -> None:
    """The budget holds back what the in-flight limit would admit."""
    documents = [document(tmp_path, f"{n}.png", png(n)) for n in range(6)]
    room = sum(sorted(one.size_bytes for one in documents)[-2:])
    rig = make(Gemini(seconds=10), max_bytes_in_flight=room)
    answers = rig.process(*documents)
    assert all(isinstance(answer, Answer) for answer in answers)
    assert rig.client.most_in_flight <= 3


def test_rejections_are_not_the_documents_fault(make: Make, tmp_path: Path) -> None:
    """In the end there is an answer, with all its calls counted and one response paid."""
    rig = make(Gemini([rejection("5s"), rejection()]))
    (answer,) = rig.process(document(tmp_path, "a.png", PNG))
    assert (answer.attempts, answer.paid, answer.cost_usd) == (3, USAGE, COST)
    assert rig.worker.retry_loop.stats.rejected == 2


def cancel_after(rig: Rig, one: Document, seconds: float) -> Coroutine[Any, Any, Any]:
    """Begin two documents of the same content, cancel both after some time."""

    async def work() -> list[Any]:
        worker = DocumentWorker(settings(), rig.journal, rig.client, clock(), InlineStores())
        other = replace(one, uri=one.uri + "2")
        tasks = [asyncio.create_task(worker.process(each)) for each in (one, other)]
        await asyncio.sleep(seconds)
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        await worker.close()
        assert worker._pending == {}
        assert worker._limiter.pacer.in_flight == 0
        assert worker._byte_budget._held == 0
        return results

    return work()


@pytest.mark.parametrize("seconds", [0.0, 1.0])
def test_a_cancelled_document_holds_nothing(make: Make, tmp_path: Path, seconds: float) -> None:
    """Nor does another of the same content."""
    rig = make(Gemini(seconds=100))
    one = document(tmp_path, "a.png", PNG)
    results = run(cancel_after(rig, one, seconds))
    assert all(isinstance(result, BaseException) for result in results)
