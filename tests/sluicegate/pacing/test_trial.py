"""Trials, alarms and what is known of chance, each alone."""

import pytest

from sluicegate.pacing.alarm import Alarm
from sluicegate.pacing.chance import Chance
from sluicegate.pacing.count import Count
from sluicegate.pacing.trial import Trial, Verdict
from sluicegate.pacing.tuning import Tuning

TUNING = Tuning()
LOW, HIGH, BETWEEN = 0.5, TUNING.low_seconds + 0.5, TUNING.low_seconds + TUNING.high_seconds + 0.1


def trial(now: float = 100.0, *, high: bool = True) -> Trial:
    """Return a trial of 20 units a second; 100 s is a moment at which rounds begin."""
    return Trial(TUNING, now, 20.0, high=high)


def call(tried: Trial, at: float, calls: int, rejected: int, *, held_back: bool = False) -> None:
    """Let so many calls be sent at one moment, and some of them rejected."""
    for _ in range(calls):
        tried.sent(at, held_back=held_back)
    for _ in range(rejected):
        tried.rejected(at)


def test_clients_send_less_and_more_at_the_same_moments() -> None:
    """Whenever they begin: at multiples of a round on the clock that they share."""
    for began in (96.1, 97.0, 99.9, 100.0):
        tried = trial(began)
        assert tried.factor(99.95) == 1.0
        assert tried.factor(100.0 + LOW) == TUNING.low
        assert tried.factor(100.0 + HIGH) == TUNING.high
        assert tried.factor(100.0 + BETWEEN) == 1.0
        assert tried.factor(100.0 + TUNING.round_seconds + LOW) == TUNING.low


def test_a_dip_only_sends_less() -> None:
    """It counts what chance rejects."""
    dip = trial(high=False)
    assert dip.factor(100.0 + LOW) == TUNING.low
    assert dip.factor(100.0 + HIGH) == 1.0


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [((40, 0), (60, 11), "quota"), ((40, 4), (60, 6), "chance"), ((40, 0), (60, 1), "chance"),
     ((4, 0), (6, 1), "nothing"), ((40, 16), (60, 40), "quota")],
)  # fmt: skip
def test_a_quota_rejects_more_where_more_is_sent(
    low: tuple[int, int], high: tuple[int, int], says: str
) -> None:
    """Chance rejects the same share; a few calls tell neither."""
    tried = trial()
    call(tried, 100.0 + LOW, *low)
    call(tried, 100.0 + HIGH, *high)
    evidence = tried.evidence()
    verdict = "nothing" if abs(evidence) < 1.0 else "quota" if evidence > 0 else "chance"
    assert verdict == says


def test_a_quota_that_sank_below_both_parts_makes_no_witnesses() -> None:
    """What is rejected of the low part is chance only if more of the high part is admitted."""
    sunk, silent = trial(), trial()
    call(sunk, 100.0 + LOW, 40, 16)
    call(sunk, 100.0 + HIGH, 60, 42)
    call(silent, 100.0 + LOW, 40, 4)
    call(silent, 100.0 + HIGH, 60, 15)
    assert not sunk.low_is_silent
    assert silent.low_is_silent


def test_a_quota_that_is_used_up_is_no_chance() -> None:
    """Where nearly all is rejected of both parts, both reject the same share."""
    tried = trial()
    call(tried, 100.0 + LOW, 20, 20)
    call(tried, 100.0 + HIGH, 30, 29)
    assert tried.all_rejected
    assert not tried.low_is_silent


def test_what_something_else_held_back_tells_nothing() -> None:
    """Fewer calls in flight than are allowed, say: more was not sent."""
    tried = trial()
    call(tried, 100.0 + HIGH, 10, 0, held_back=True)
    call(tried, 100.0 + LOW, 20, 0)
    assert tried.was_held_back


def test_one_rejection_is_an_alarm_where_no_chance_is_known() -> None:
    """As on a fixed quota, which rejects nothing else."""
    alarm = Alarm(TUNING)
    for _ in range(100):
        alarm.sent(0.0, 20.0, climbing=False)
    assert alarm.rejected(20.0)


def test_the_share_that_chance_rejects_is_no_alarm_and_more_is_one() -> None:
    """One of ten by chance: two of ten are noticed within a hundred calls."""
    alarm = Alarm(TUNING)
    alarms = []
    for number in range(200):
        alarm.sent(0.1, 20.0, climbing=False)
        if number % 10 == 0:
            alarms.append(alarm.rejected(20.0))
    assert not any(alarms)
    for number in range(100):
        alarm.sent(0.1, 20.0, climbing=False)
        if number % 5 == 0 and alarm.rejected(20.0):
            return
    pytest.fail("no alarm")


def rejecting(share: float) -> Chance:
    """Return what is known of chance where that share of all calls was rejected lately."""
    chance = Chance(TUNING)
    for _ in range(400):
        chance.sent()
    for _ in range(int(share * TUNING.lately_calls)):
        chance.rejected()
    return chance


def test_chance_is_what_witnesses_say() -> None:
    """Nothing without them, however many calls were rejected; they are forgotten in the end."""
    chance = rejecting(0.3)
    chance.learn(0.0)
    assert chance.share == 0.0
    for moment in range(10, 50, 8):
        chance.witness(moment, Count(20, 2))
    chance.learn(50.0)
    assert 0.08 <= chance.share <= 0.1
    chance.learn(50.0 + TUNING.witness_seconds)
    assert chance.share == 0.0


@pytest.mark.parametrize(
    ("before", "since", "least", "most"), [(0, 6, 0.2, 0.31), (5, 0, 0.0, 0.0), (2, 2, 0.08, 0.12)]
)
def test_witnesses_of_before_a_change_are_forgotten(
    before: int, since: int, least: float, most: float
) -> None:
    """Chance comes and goes within a minute; two parts that agree are one."""
    chance = rejecting(0.4)
    for moment in range(0, 40, 8):
        chance.witness(moment, Count(18, before))
    for moment in (40, 48):
        chance.witness(moment, Count(18, since))
    chance.learn(49.0)
    assert least <= chance.share <= most


def test_what_a_trial_finds_replaces_what_was_known() -> None:
    """It has counted more calls, and later ones."""
    chance = rejecting(0.4)
    for moment in range(0, 40, 8):
        chance.witness(moment, Count(20, 1))
    chance.found(41.0, Count(100, 20))
    chance.learn(41.0)
    assert 0.16 <= chance.share <= 0.2


@pytest.mark.parametrize(
    ("low", "high", "rounds", "says"),
    [((17, 4), (37, 9), 1, Verdict.CHANCE),  # a quota is silent where less is sent
     ((40, 1), (60, 14), 2, Verdict.QUOTA),
     ((17, 0), (37, 8), 1, Verdict.QUOTA),
     ((17, 0), (37, 0), 1, Verdict.CHANCE),  # nothing to wait for
     ((17, 0), (37, 1), 1, None),  # how much is chance is not known yet
     ((68, 0), (148, 4), 4, Verdict.CHANCE),
     ((4, 0), (6, 1), 1, None),
     ((16, 0), (24, 3), 4, Verdict.UNSURE),
     ((1, 1), (2, 0), 1, None),  # one rejection of a slow client: others were there
     ((4, 2), (6, 1), 1, None),
     ((20, 20), (30, 29), 1, Verdict.UNSURE)],
)  # fmt: skip
def test_a_trial_says_what_its_rounds_show(
    low: tuple[int, int], high: tuple[int, int], rounds: int, says: Verdict | None
) -> None:
    """And asks for another one while they show too little, up to the last."""
    tried = trial()
    call(tried, 100.0 + LOW, *low)
    call(tried, 100.0 + HIGH, *high)
    assert tried.ends_round(100.0 + (rounds - 1) * TUNING.round_seconds + BETWEEN + 1.0)
    assert tried.rounds == rounds
    assert tried.verdict() is says


def test_a_trial_of_a_quota_that_sinks_meanwhile_ends() -> None:
    """At half of the calls rejected by chance it goes on."""
    by_chance, sunk = trial(), trial()
    for number in range(60):
        call(by_chance, 100.0 + HIGH, 1, number % 2)
    assert not by_chance.far_exceeded
    call(sunk, 100.0 + HIGH, 20, 0)
    for _ in range(20):
        call(sunk, 100.0 + HIGH, 1, 1)
    assert sunk.far_exceeded


def test_chance_is_no_more_than_what_was_rejected_of_all() -> None:
    """When it is over, witnesses of before say too much."""
    chance = Chance(TUNING)
    for moment in range(10):
        chance.witness(moment, Count(20, 4))
    for _ in range(600):
        chance.sent()
    chance.learn(10.0)
    assert chance.share <= TUNING.cap / 100
