"""The circuit breaker, inside the pacer: no clock, no sleep."""

import math

import pytest

from sluicegate.pacing.pacer import Pacer, PacerSettings
from tests.sluicegate.pacing.test_pacer import opened, waiting


def fail(pacer: Pacer, now: float, times: int, *, fresh: bool = True) -> None:
    """Let calls fail at one moment."""
    for _ in range(times):
        pacer.failed(now, fresh=fresh)


def test_failed_first_calls_in_a_row_open_the_breaker() -> None:
    """Seven do not, eight do: then one call at a time probes."""
    pacer = opened(max_in_flight=4)
    fail(pacer, 100.0, 7)
    assert not pacer.breaker.is_open
    assert waiting(pacer, 100.0, 0.5) == 0
    pacer.finish()
    fail(pacer, 100.0, 1)
    assert pacer.breaker.is_open
    assert waiting(pacer, 100.0, 0.5) == pytest.approx(1.0)
    assert waiting(pacer, 101.0, 0.5) == 0
    assert waiting(pacer, 101.0, 0.5) == math.inf


def test_the_pauses_of_an_outage_grow_and_end() -> None:
    """1, 2, 4 … 30 seconds; one success closes the breaker."""
    pacer = opened(max_in_flight=4)
    fail(pacer, 100.0, 8)
    now, pauses = 100.0, []
    for _ in range(7):
        pauses.append(waiting(pacer, now, 0.5))
        now += pauses[-1]
        assert waiting(pacer, now, 0.5) == 0
        pacer.failed(now, fresh=False)
        pacer.finish()
    assert pauses == pytest.approx([1, 2, 4, 8, 16, 30, 30])
    assert pacer.breaker.outage_seconds(now) == pytest.approx(now - 100)
    pacer.succeeded()
    assert not pacer.breaker.is_open
    assert pacer.breaker.outage_seconds(now + 5) == 0
    fail(pacer, now, 7)
    assert not pacer.breaker.is_open


def test_stragglers_do_not_lengthen_the_pause() -> None:
    """Calls that were in flight when the breaker opened fail too: a step for each probe."""
    pacer = opened(max_in_flight=64)
    fail(pacer, 100.0, 60)
    assert waiting(pacer, 100.0, 0.5) == pytest.approx(1.0)


def test_retries_alone_are_no_outage() -> None:
    """At the end of a job only documents that always fail are left."""
    pacer = opened()
    fail(pacer, 100.0, 100, fresh=False)
    assert not pacer.breaker.is_open


def test_successes_between_failures_are_no_outage() -> None:
    """Only failures in a row count."""
    pacer = opened()
    for now in range(100):
        fail(pacer, float(now), 7)
        pacer.succeeded()
    assert not pacer.breaker.is_open


def test_an_outage_is_measured_from_its_first_failure() -> None:
    """So it is also where a clock begins at zero."""
    pacer = opened()
    fail(pacer, 0.0, 8)
    assert pacer.breaker.outage_seconds(700.0) == 700.0


def overload(pacer: Pacer, now: float, times: int, *, fresh: bool = True) -> None:
    """Let calls of so many documents be answered 503 by the model at one moment."""
    for _ in range(times):
        pacer.overloaded(now, fresh=fresh)


def test_overloads_open_the_breaker_only_after_a_silence() -> None:
    """Eight in a row, and five seconds in which nothing succeeded."""
    pacer = opened()
    pacer.succeeded()
    overload(pacer, 100.0, 50)
    overload(pacer, 104.9, 1)
    assert not pacer.breaker.is_open
    overload(pacer, 105.0, 1)
    assert pacer.breaker.is_open
    assert pacer.breaker.outage_seconds(110.0) == 10.0
    pacer.succeeded()
    overload(pacer, 111.0, 7)
    overload(pacer, 200.0, 0)
    assert not pacer.breaker.is_open


def test_few_overloads_are_no_outage_however_long_they_last() -> None:
    """One call in ten seconds may well meet seven in a row by chance."""
    pacer = opened()
    pacer.succeeded()
    for n in range(7):
        overload(pacer, 100.0 + 10 * n, 1)
    assert not pacer.breaker.is_open
    overload(pacer, 170.0, 1)
    assert pacer.breaker.is_open


def test_overloads_before_any_success_open_the_breaker_at_once() -> None:
    """Nothing speaks for a service that was never there; and one call at a time asks it."""
    pacer = Pacer(PacerSettings(max_in_flight=4))
    for n in range(8):
        assert waiting(pacer, 100.0 + n, 0.5) == 0
        assert waiting(pacer, 100.0 + n, 0.5) == math.inf
        overload(pacer, 100.0 + n, 1)
        pacer.finish()
    assert pacer.breaker.is_open


def test_retries_of_one_document_are_no_outage_once_others_were_answered() -> None:
    """A run's last document may meet 503s for an hour; before any success they all count."""
    pacer = opened()
    overload(pacer, 0.0, 50, fresh=False)
    assert pacer.breaker.is_open
    pacer.succeeded()
    overload(pacer, 100.0, 1)
    for second in range(50):
        overload(pacer, 101.0 + second, 1, fresh=False)
    assert not pacer.breaker.is_open
