"""The tuned constants of a learned rate, in one value. Tuned in benchmarks/simulation.

Phases in capitals are those of phase.py. Where a duration is given in seconds
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
    climb_chance: float = 0.05  # share of rejections that does not end it; more, where
    climb_chance_most: float = 0.24  # more calls of the same climb were rejected, up to this
    climb_calls: float = 5.0  # that count as one rejection, before there are any
    climb_excess: float = 1.0  # share by which the quota is exceeded at the end
    climb_alarm: float = 7.0  # how sure that is; see alarm.py
    kept_after_climb: float = 0.75  # share kept of the rate at which the rejections began

    # MEASURE
    look_seconds: float = 0.75  # how long rejections are counted,
    look_calls: float = 8.0  # or over how many calls
    look_rejections: int = 8  # so many end the count early
    rejected_share: float = 0.12  # above it the rate is cut; less may be chance
    cut_of_share: float = 0.3  # of that share: what a cut takes; cuts by chance make unequal shares
    far_rejected_share: float = 0.3  # above it a cut takes all of the share, and counts again,
    far_rejections: int = 5  # if they were so many
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

    # What is more than chance: lower alarms cut the rate for nothing, higher ones come late
    excess: float = 0.1  # share by which the quota is exceeded that an alarm is for
    alarm: float = 3.2  # logarithm of how much likelier that is; a little less than one rejection
    alarm_rate: float = 20.0  # calls a second; faster ones would have more false alarms a second
    given_up_by_chance: float = 0.08  # as `given_up`, where chance is known: it is noticed later
    growth_by_chance: float = 0.0067  # as `growth`
    clean_seconds_by_chance: float = 13.0  # as `clean_seconds`
    recovery: float = 0.104  # share a second, after a trial that found chance,
    recovery_double_seconds: float = 3.0  # doubled every so many,
    recovery_most: float = 0.7  # up to this

    # How much is chance
    lately_calls: float = 155.0  # whose share of rejections bounds it
    cap: float = 1.1  # as much of that share is believed
    witness_seconds: float = 70.0  # how long a round of a trial is remembered,
    witness_rounds: int = 12  # and how many
    no_witness_calls: float = 3.0  # without a rejection, that are added to theirs
    changed: float = 2.5  # logarithm of how much likelier two shares are than one: forget the old
    believed: float = 0.9  # share of what they say: too much of it is waste
    no_chance: float = 0.006  # less counts as none

    # TRIAL
    admitted_seconds: float = 3.0  # over which what is admitted is averaged
    forgotten: float = 0.01  # share a second by which the most of it is forgotten
    suspicious: float = 0.93  # of that: rejections at lower rates lead to a trial
    surely_a_quota: float = 0.45  # share rejected in a look that is too large to be chance
    round_seconds: float = 4.0  # of the wall clock: rounds begin at multiples
    low_seconds: float = 1.6
    low: float = 0.66  # of the rate
    low_skipped_seconds: float = 0.2  # of it: the server's last second was fuller
    high_seconds: float = 1.5
    high: float = 1.23  # of the rate
    trial_excess: float = 0.187  # which a quota rejects more in the high part; twice, four times
    sure: float = 2.53  # logarithm of how much likelier one is than the other
    silent_share: float = 0.01  # rejected in low parts where a quota is silent: others come and go
    sure_by_low: float = 4.0  # as `sure`, of chance rather than that silence,
    loud_rejections: int = 3  # and by so many: one or two of few calls say little
    least_trial_rate: float = 2.0  # calls a second; to slower clients none is suspicious
    raised_by_chance: float = 1.1  # the rate, where a trial shows chance
    trial_rounds: int = 4  # for which the rate is left alone at most
    most_chance: float = 0.6  # share of rejections: more is a quota that is used up
    silent_kept: float = 0.8  # if the high part admits a smaller share of this: low was not silent
    trial_pause_seconds: float = 60.0  # after a trial that found a quota; doubled each time,
    trial_pause_most_seconds: float = 300.0
    sank: float = 0.85  # share of a trial's rate: at less there is no pause
    last_calls: float = 12.0  # of a trial, and the share of them
    most_rejected: float = 0.55  # that may be rejected: more ends it
    rounds_between_dips: int = 2  # at most; a power of 2, so that clients meet
