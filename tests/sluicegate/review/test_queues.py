"""Which documents are looked at: the worst first, and a random sample that nothing has a say in."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sluicegate.review.failed import Failed
from sluicegate.review.queues import Choice, key_of, lot


def row(uri: str, at: str = "1", **more: Any) -> dict[str, Any]:
    """Return a row."""
    origin = {"run_id": "r", "request_identity": "i", "document_type": "t", "warnings": []}
    given = more.pop("provenance", {})
    return {"document_uri": uri, "processed_at": at, **more, "provenance": origin | given}


def failed(uri: str, at: str = "1", **more: Any) -> Failed:
    """Return the failure of an answer."""
    given = {"run_id": "r", "identity": "i", "version": "", "code": "c", "message": "m"}
    return Failed(uri, "t", at, **{**given, "answer": "{}", **more})


def test_the_worst_come_first() -> None:
    """What has no row, then rows by doubts, values not found and warnings; equal ones by name."""
    rows = [
        row("a"),
        row("b", values_unfound=1),
        row("c", provenance={"warnings": ["w", "w"]}),
        row("d", evidence=[{"field": "x", "doubt": "why"}, {"field": "y", "doubt": None}]),
        row("e", needs_review=True, values_unfound=2),
    ]
    choice = Choice()
    for each in rows:
        choice.add_row(each)
    choice.add_failure(failed("f"))
    chosen = choice.choose(10, 0)
    assert chosen.worst == [key_of(uri, "t") for uri in "fcebda"]
    assert (chosen.documents, chosen.doubtful) == (6, 5)
    assert choice.choose(2, 0).worst == chosen.worst[:2]


def test_the_newest_extraction_counts() -> None:
    """Doubts of earlier rows are forgotten, and a failure of before a row is no matter."""
    choice = Choice()
    rows = [row("a", "1", values_unfound=9), row("a", "2", record_index=1), row("a", "2")]
    failures = [failed("a", "3"), failed("b", "1"), failed("b", "2", code="later")]
    for each in rows:
        choice.add_row(each)
    for failure in failures:
        choice.add_failure(failure)
    found = choice.collect(choice.choose(9, 9).worst, rows, failures)
    assert [subject.uri for subject in found.values()] == ["b", "a"]
    assert [f.code for f in found[key_of("b", "t")].failed] == ["later"]
    assert found[key_of("a", "t")].rows == [rows[2], rows[1]]


def test_a_record_that_failed_is_shown_with_the_others() -> None:
    """It is of the same answer as the rows beside it."""
    choice = Choice()
    rows, lost = [row("a")], failed("a", "later", record_index=1)
    other = failed("a", "later", record_index=1, identity="other")
    choice.add_row(rows[0])
    choice.add_failure(other)
    assert choice.choose(1, 1).doubtful == 0
    choice.add_failure(lost)
    chosen = choice.choose(1, 1)
    assert chosen.doubtful == 1
    assert choice.collect(chosen.worst, rows, [other, lost]).popitem()[1].failed == [lost]


def test_rows_stay_beside_several_records_that_failed() -> None:
    """Failures of the same answer add to the doubt, and never take the row's place."""
    choice = Choice()
    rows = [row("a", record_count=3, record_failures=2)]
    lost = [failed("a", "later", record_index=number) for number in (1, 2)]
    choice.add_row(rows[0])
    for each in lost:
        choice.add_failure(each)
    subject = choice.collect(choice.choose(1, 0).worst, rows, lost).popitem()[1]
    assert (subject.rows, subject.failed) == (rows, lost)


def test_half_an_extraction_is_not_shown() -> None:
    """As in the view of current rows: the older whole one stands until the newer is complete."""
    older = [row("a", "1", record_index=number, record_count=2) for number in (0, 1)]
    newer = [row("a", "2", record_index=number, record_count=2) for number in (0, 1)]
    for landed, expected in (([*older, newer[1]], older), ([*older, *newer], newer)):
        choice = Choice()
        for each in landed:
            choice.add_row(each)
        (subject,) = choice.collect(choice.choose(1, 0).worst, landed, []).values()
        assert subject.rows == expected


@given(st.lists(st.text(), unique=True, max_size=30), st.randoms(use_true_random=False))
def test_the_random_queue_knows_no_order_and_no_doubt(uris: list[str], order: Any) -> None:
    """It is the same however rows come and whatever is doubted in them."""
    plain, doubted = Choice("seed"), Choice("seed")
    for uri in uris:
        plain.add_row(row(uri))
    order.shuffle(uris)
    for uri in uris:
        doubted.add_row(row(uri, values_unfound=order.randrange(9)))
    assert plain.choose(0, 5).random == doubted.choose(0, 5).random


def test_another_seed_draws_another_sample() -> None:
    """And the same seed the same."""
    assert lot("a", "1") == lot("a", "1") != lot("a", "2")
