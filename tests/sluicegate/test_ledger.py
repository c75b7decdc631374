"""The ledger of law 1: sums that may be merged in any order, and that notice what is lost."""

import random
from collections import Counter
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.ledger import Ledger
from sluicegate.records import (
    CallStats,
    Contents,
    Document,
    Failure,
    Place,
    Row,
    Spend,
    Usage,
    Waiting,
)


def row(uri: str, **changes: Any) -> Row:
    """Return the row of a document."""
    known: dict[str, Any] = {
        "values": {}, "paid": Usage(10, 1, 2, 3), "cost_usd": Decimal("0.001"),
        "latency_ms": 100, "attempts": 1, "journaled": False,
    }  # fmt: skip
    return Row(uri, **{**known, **changes})


def balanced(*uris: str) -> Ledger:
    """Return a ledger of matched documents that became rows."""
    ledger = Ledger()
    for uri in uris:
        ledger.add_matched(uri)
        ledger.add_row(row(uri))
    return ledger


URIS = st.sampled_from(["a", "b", "gs://b/é", "\udce9", ""])
TIERS = st.sampled_from(["standard", "flex"])
COSTS = st.none() | st.decimals(0, 10**6, places=9)
SPENDS = st.just(()) | st.tuples(
    st.builds(
        Spend, TIERS, TIERS, st.integers(0, 9), st.builds(Usage, st.integers(0, 10**6)), COSTS
    )
)
EVENTS = st.one_of(
    st.tuples(st.just("matched"), URIS),
    st.tuples(
        st.just("row"),
        st.builds(
            row, URIS, cost_usd=COSTS, latency_ms=st.integers(-1, 10**6),
            attempts=st.integers(0, 4), journaled=st.booleans(), by_tier=SPENDS,
        ),
    ),
    st.tuples(
        st.just("failure"),
        st.builds(
            Failure, URIS, st.sampled_from(["empty", "blocked"]), st.just("m"),
            attempts=st.integers(0, 4), cost_usd=COSTS, latency_ms=st.integers(0, 10**6),
            by_tier=SPENDS,
            paid=st.builds(Usage, st.integers(0, 10**6)),
        ),
    ),
    st.tuples(
        st.just("waiting"),
        st.builds(
            Waiting, URIS.map(lambda uri: Document(uri, 1)),
            st.sampled_from(["outage", "bad_credentials"]), st.sampled_from(["m", "n"]),
            attempts=st.integers(0, 4), cost_usd=COSTS, responses=st.integers(0, 3),
            paid=st.builds(Usage, st.integers(0, 10**6)),
        ),
    ),
    st.tuples(
        st.just("stats"),
        st.builds(
            CallStats, st.integers(0, 99), st.integers(0, 99), st.integers(0, 99),
            st.integers(0, 999).map(float), st.integers(0, 99),
        ),
    ),
)  # fmt: skip


def ledger_of(events: list[tuple[str, Any]]) -> Ledger:
    """Enter events in order."""
    ledger = Ledger()
    for kind, what in events:
        getattr(ledger, f"add_{kind}")(what)
    return ledger


LEDGERS = st.lists(EVENTS, max_size=8).map(ledger_of)


def merged(*ledgers: Ledger) -> Ledger:
    """Merge copies from the left."""
    total = Ledger()
    for ledger in ledgers:
        total.merge(deepcopy(ledger))
    return total


@given(LEDGERS, LEDGERS, LEDGERS)
def test_merging_has_no_order(a: Ledger, b: Ledger, c: Ledger) -> None:
    """Associative and commutative, with an empty ledger as nothing."""
    assert merged(a, b) == merged(b, a)
    assert merged(merged(a, b), c) == merged(a, merged(b, c))
    assert merged(a, Ledger()) == a


@given(st.lists(EVENTS, max_size=12), st.integers(0, 12))
def test_merging_is_as_adding_all(events: list[tuple[str, Any]], at: int) -> None:
    """Wherever the work was split."""
    assert merged(ledger_of(events[:at]), ledger_of(events[at:])) == ledger_of(events)


def test_what_tiers_served_is_added_up_by_pair() -> None:
    """Of rows, failures and documents that wait; one unknown price makes its own tier unknown."""
    flex = Spend("flex", "flex", 1, Usage(10, 0, 2), Decimal("0.1"))
    trapped = Spend("flex", "standard", 1, Usage(10, 0, 2), Decimal("0.2"))
    unknown = flex._replace(cost_usd=None)
    ledger = Ledger()
    ledger.add_row(row("a", by_tier=(flex, trapped)))
    ledger.add_failure(Failure("b", "empty", "m", by_tier=(flex,)))
    waiting = Waiting(Document("c", 1), "outage", "m", by_tier=(trapped,))
    ledger.add_waiting(waiting)
    assert ledger.by_tier == (
        Spend("flex", "flex", 2, Usage(20, 0, 4), Decimal("0.2")),
        Spend("flex", "standard", 2, Usage(20, 0, 4), Decimal("0.4")),
    )
    ledger.add_row(row("d", by_tier=(unknown,)))
    assert [each.cost_usd for each in ledger.by_tier] == [None, Decimal("0.4")]


def test_merging_leaves_the_other_alone() -> None:
    """A combiner may merge the same ledger again."""
    other = balanced("a")
    other.add_failure(Failure("b", "empty", "m"))
    kept = deepcopy(other)
    total = balanced("c")
    total.merge(other)
    total.add_failure(Failure("d", "empty", "m"))
    assert other == kept


def test_what_is_accounted_for_is_balanced() -> None:
    """Rows and failures of the very documents that were matched, in whatever order."""
    ledger = balanced("a", "b", "c")
    ledger.add_matched("d")
    ledger.add_failure(Failure("d", "empty", "m"))
    assert (ledger.imbalance(), ledger.failed) == ("", 1)
    assert Ledger().imbalance() == ""


OUTCOMES = st.lists(
    st.tuples(URIS, st.sampled_from(["row", "failure", "skipped", "waiting"])), max_size=12
)


def ended(ledger: Ledger, uri: str, how: str) -> None:
    """Enter how a document ended."""
    {
        "row": lambda: ledger.add_row(row(uri)),
        "failure": lambda: ledger.add_failure(Failure(uri, "empty", "m")),
        "skipped": lambda: ledger.add_skipped(uri),
        "waiting": lambda: ledger.add_waiting(Waiting(Document(uri, 1), "outage", "m")),
    }[how]()


@given(OUTCOMES)
def test_every_document_in_one_outcome_is_balanced(outcomes: list[tuple[str, str]]) -> None:
    """Whichever of the four it is."""
    ledger = Ledger()
    for uri, how in outcomes:
        ledger.add_matched(uri)
        ended(ledger, uri, how)
    assert ledger.imbalance() == ""
    assert ledger.waiting == sum(how == "waiting" for _, how in outcomes)
    assert (ledger.fault is None) == (ledger.waiting == 0)


@given(OUTCOMES.filter(bool), st.data())
def test_one_document_lost_doubled_or_exchanged_is_noticed(
    outcomes: list[tuple[str, str]], data: st.DataObject
) -> None:
    """Among rows, failures, skipped and waiting documents alike."""
    victim = data.draw(st.integers(0, len(outcomes) - 1))
    instead = data.draw(st.sampled_from(["lost", "doubled", "exchanged"]))
    ledger = Ledger()
    for number, (uri, how) in enumerate(outcomes):
        ledger.add_matched(uri)
        if number != victim:
            ended(ledger, uri, how)
        elif instead == "exchanged":
            ended(ledger, "another", how)
        elif instead == "doubled":
            ended(ledger, uri, how)
            ended(ledger, uri, how)
    assert ledger.imbalance()


def test_the_fault_that_most_documents_wait_for_is_said() -> None:
    """Each process has its own first fault; the order of bundles makes no difference."""
    few, many = Ledger(), Ledger()
    few.add_waiting(Waiting(Document("a", 1), "outage", "a long one"))
    for uri in "bc":
        many.add_waiting(Waiting(Document(uri, 1), "bad_credentials", "no key"))
    assert merged(few, many).fault == merged(many, few).fault == ("bad_credentials", "no key")
    assert Ledger().fault is None


def test_calls_are_those_that_were_paid_for_and_those_without_a_response() -> None:
    """Whichever attempt made them: an engine's own count is lost with its attempt."""
    ledger = balanced("a")
    ledger.add_row(row("b", attempts=0, journaled=True, responses=2))
    ledger.add_waiting(Waiting(Document("c", 1), "outage", "m", attempts=3, responses=1))
    ledger.add_stats(CallStats(2, 2, 1, 0.0, unanswered=2))
    assert (ledger.calls, ledger.responses, ledger.attempts) == (5, 3, 4)


def test_a_lost_document_is_noticed_by_the_count() -> None:
    """The sentence has all the numbers."""
    ledger = balanced(*map(str, range(1200)))
    ledger.add_matched("lost")
    assert ledger.imbalance() == (
        "1,201 documents were matched, but 1,200 landed + 0 failures + 0 skipped "
        "+ 0 waiting = 1,200"
    )


def test_a_document_lost_and_another_doubled_are_noticed() -> None:
    """The counts agree, the hashes do not."""
    ledger = balanced("a", "b")
    ledger.add_matched("c")
    ledger.add_row(row("a"))
    assert "some were lost and others counted twice" in ledger.imbalance()


def test_unknown_costs_are_counted_and_not_zero() -> None:
    """One unpriced outcome makes the sum incomplete."""
    ledger = Ledger()
    ledger.add_row(row("a", cost_usd=None))
    ledger.add_row(row("b", cost_usd=Decimal("0.5")))
    assert (ledger.unpriced, ledger.cost_usd) == (1, Decimal("0.5"))


def test_tokens_and_attempts_add_up() -> None:
    """Of rows and failures alike."""
    ledger = balanced("a")
    ledger.add_failure(Failure("b", "blocked", "m", 3, Usage(5, 0, 1, 0), Decimal(1)))
    ledger.add_stats(CallStats(4, 2, 1, 1.5))
    assert ledger.paid == Usage(15, 1, 3, 3)
    assert (ledger.attempts, ledger.stats.calls) == (4, 4)


@pytest.mark.parametrize("share", [0.5, 0.95, 0.99])
@pytest.mark.parametrize("seed", [1, 2])
def test_quantiles_are_right_within_five_percent(share: float, seed: int) -> None:
    """For latencies from 10 ms to minutes."""
    chance = random.Random(seed)
    latencies = [round(chance.lognormvariate(7, 1.2)) + 10 for _ in range(2000)]
    ledger = Ledger()
    for n, latency in enumerate(latencies):
        ledger.add_row(row(str(n), latency_ms=latency))
    exact = sorted(latencies)[round(share * len(latencies)) - 1]
    assert ledger.latency_quantile(share) == pytest.approx(exact, rel=0.05)


@given(st.integers(1, 10**8))
def test_one_latency_is_every_quantile(latency: int) -> None:
    """Within 5 %, and half a millisecond."""
    ledger = Ledger()
    ledger.add_row(row("a", latency_ms=latency))
    for share in (0.01, 0.5, 1.0):
        assert ledger.latency_quantile(share) == pytest.approx(latency, rel=0.05, abs=0.5)


def test_without_calls_there_is_no_latency() -> None:
    """Answers of the journal took no time of the service's."""
    ledger = Ledger()
    ledger.add_row(row("a", attempts=0, journaled=True))
    assert ledger.latency_quantile(0.5) == 0
    assert ledger.journaled == 1


RECORDS = st.lists(
    st.tuples(URIS, st.lists(st.booleans(), min_size=1, max_size=5)), min_size=1, max_size=5
)


def held(uri: str, landed: list[bool]) -> list[Row | Failure]:
    """Return the rows and record failures of a document, the first with what it holds."""
    contents = Contents(len(landed), sum(landed), 7, 4, (("blank", 2), ("uncited", 1)))
    made: list[Row | Failure] = [
        row(uri, record_index=index, contents=None)
        if ok
        else Failure(uri, "check_failed", "m", place=Place(index), contents=None)
        for index, ok in enumerate(landed)
    ]
    # As it is made: on a row where there is one.
    made.sort(key=lambda each: isinstance(each, Failure))
    return [replace(made[0], contents=contents), *made[1:]]


def enter(ledger: Ledger, outcome: Row | Failure) -> None:
    """Enter a row or a failure."""
    add = ledger.add_row if isinstance(outcome, Row) else ledger.add_failure
    add(outcome)  # type: ignore[operator]


@given(RECORDS)
def test_the_ledger_reaches_into_the_file(documents: list[tuple[str, list[bool]]]) -> None:
    """Records found are rows and record failures, pages are in records or set aside."""
    ledger = Ledger()
    for uri, landed in documents:
        ledger.add_matched(uri)
        for outcome in held(uri, landed):
            enter(ledger, outcome)
    flat = [ok for _, landed in documents for ok in landed]
    assert ledger.imbalance() == ""
    assert (ledger.records, ledger.rows) == (len(flat), sum(flat))
    assert ledger.record_failures.total() == len(flat) - sum(flat)
    assert ledger.failed == sum(not any(landed) for _, landed in documents)
    assert ledger.partly == sum(any(landed) and not all(landed) for _, landed in documents)
    assert ledger.landed + ledger.failed == ledger.matched == len(documents)
    assert (ledger.pages, ledger.pages_in_records) == (7 * len(documents), 4 * len(documents))
    assert ledger.pages_set_aside == Counter(blank=2 * len(documents), uncited=len(documents))


@given(RECORDS, st.data())
def test_one_record_lost_doubled_or_exchanged_is_noticed(
    documents: list[tuple[str, list[bool]]], data: st.DataObject
) -> None:
    """Whichever of a document's it is, its first as well."""
    outcomes = [outcome for uri, landed in documents for outcome in held(uri, landed)]
    victim = data.draw(st.integers(0, len(outcomes) - 1))
    instead = data.draw(st.sampled_from(["lost", "doubled", "exchanged"]))
    ledger = Ledger()
    for uri, _ in documents:
        ledger.add_matched(uri)
    for number, outcome in enumerate(outcomes):
        if number == victim and instead == "lost":
            continue
        if number == victim and instead == "exchanged":
            enter(ledger, replace(outcome, document_uri="another"))
            continue
        enter(ledger, outcome)
        if number == victim:
            enter(ledger, outcome)
    assert ledger.imbalance()


def test_the_sentences_about_records_and_pages_have_all_the_numbers() -> None:
    """They say which equation does not hold."""
    ledger = balanced("a")
    ledger.add_row(row("a", record_index=1, contents=None))
    assert ledger.imbalance() == ("1 records were found, but 2 rows + 0 record failures = 2")
    exchanged = Ledger()
    exchanged.add_matched("a")
    exchanged.add_row(row("a", contents=Contents(2, 2)))
    exchanged.add_row(row("a", record_index=2, contents=None))
    assert "the 2 records found are not the 2 accounted for" in exchanged.imbalance()
    pages = Ledger()
    pages.add_matched("a")
    pages.add_row(row("a", contents=Contents(1, 1, 5, 2, (("blank", 1),))))
    assert pages.imbalance() == ("the documents have 5 pages, but 2 in records + 1 set aside = 3")
