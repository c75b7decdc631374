"""The tuned constants of a learned rate, in one value. Tuned in benchmarks/simulation.

Phases in capitals are those at the head of learned_rate.py. Where a duration is given in seconds
and in calls, the longer of the two holds: at a slow rate, seconds hold too few calls to go by.
Shares are of 1.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tuning:
    """How a rate is learned and how calls are spaced at it. Plain data."""

    # CLIMB
    start_rate: float = 8.0  # usual calls a second to begin with
    double_seconds: float = 0.9  # until the rate has doubled,
    double_calls: float = 4.0  # or so many calls
    kept_after_climb: float = 0.75  # share of the rate kept at a rejection

    # MEASURE
    look_seconds: float = 0.75  # how long rejections are counted,
    look_calls: float = 8.0  # or over how many calls
    look_rejections: int = 8  # so many end the count early
    rejected_share: float = 0.12  # above it the rate is cut; less may be chance
    cut_of_share: float = 0.3  # of that share: what a cut takes; cuts by chance make unequal shares
    far_rejected_share: float = 0.3  # above it a cut takes all of the share, and counts again
    least_kept: float = 0.5  # share that one cut leaves: others that climb cause rejections too
    below: float = 0.98  # a cut goes so much below what was found
    all_rejected_share: float = 0.9  # counts as all of them; twice in a row: EXHAUSTED

    # SHARE
    growth: float = 0.014  # share a second
    full_growth_rate: float = 3.0  # calls a second; slower rates grow less: each call would probe
    clean_seconds: float = 7.0  # without a rejection, then growth doubles
    faster_seconds: float = 1.3  # every so many seconds
    most_doublings: float = 20.0  # more would be too large a number before it is ever reached
    given_up: float = 0.12  # share given up at a rejection; larger steps make unequal shares

    # STEADY
    cycles: int = 5  # of SHARE that must agree
    agreement: float = 0.04  # share by which they may differ
    hold_seconds: float = 2.8  # the rate is held,
    hold_calls: float = 32.0  # or for so many calls
    probe: float = 0.011  # share by which it is exceeded then
    probe_seconds: float = 0.8  # the excess doubles after,
    probe_calls: float = 5.0  # or after so many calls
    probe_kept: float = 0.12  # share of a probe's excess that is kept,
    probe_kept_most: float = 0.08  # of an excess of at most this share
    quota_changed: float = 0.3  # an excess that got so far has found another quota
    kept_in_hold: float = 0.97  # share kept at a rejection while the rate is held
    strikes: float = 2.0  # so many of those: other clients are there,
    strike_seconds: float = 24.0  # each forgotten after so long

    # EXHAUSTED: how often single calls try a quota that is used up
    retry_seconds: float = 0.5  # between two of them,
    retry_calls: float = 10.0  # or as long as so many calls took at the rate before
    retry_max_seconds: float = 5.0
    rejection_seconds: float = 0.3  # a rejection that has not come by then will not come

    # What a rejection says
    long_retry_seconds: float = 2.0  # a RetryInfo as long as this blocks all calls
    max_retry_seconds: float = 60.0  # a longer one is cut to this
    quiet_after_retry: float = 10.0  # seconds a rate is left alone, for each second of such a wait
    quiet_after_named: float = 20.0  # seconds a rate that a rejection named is kept: quotas change

    # Always
    least_rate: float = 0.02  # usual calls a second
    jitter: float = 0.1  # of an interval; without, one of two clients got 1 % (measured)
    catch_up_seconds: float = 0.25  # of lateness, or one interval, that later starts make up for
    closest: float = 0.7  # of an interval: the least between two starts
