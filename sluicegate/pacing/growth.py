"""How a rate grows while no call is rejected, by the phase (phase.py).

`active` are the seconds since the last cut in which the rate was what held calls back, of which
in the first `quiet` it is left alone; `calls` are the calls a second that the rate allows.
"""

import math

from sluicegate.pacing.tuning import Tuning


def climbing(tuning: Tuning, calls: float, gap: float) -> float:
    """Return the factor by which a rate grows in `gap` seconds of CLIMB."""
    return float(2 ** (gap / max(tuning.double_seconds, tuning.double_calls / calls)))


def sharing(
    tuning: Tuning, calls: float, gap: float, active: float, quiet: float, *, by_chance: bool
) -> float:
    """Return the factor by which a rate grows in `gap` seconds of SHARE.

    `by_chance`: calls are rejected by chance, too, so that the quota is noticed later.
    """
    if active <= quiet:
        return 1.0
    growth = tuning.growth_by_chance if by_chance else tuning.growth
    growth *= min(1.0, calls / tuning.full_growth_rate)
    clean = tuning.clean_seconds_by_chance if by_chance else tuning.clean_seconds
    # Where a rejection costs a long wait, growth is slow for as long.
    slow = quiet + max(clean, quiet / tuning.quiet_after_retry)
    doublings = max(0.0, (active - slow) / tuning.faster_seconds)
    growth *= 2 ** min(tuning.most_doublings, doublings)
    return math.exp(min(1.0, growth) * gap)


def recovering(
    tuning: Tuning, calls: float, gap: float, active: float, quiet: float, *, by_chance: bool
) -> float:
    """Return the factor by which a rate grows in `gap` seconds of SHARE that had sunk by chance."""
    doublings = min(tuning.most_doublings, active / tuning.recovery_double_seconds)
    regained = math.exp(min(tuning.recovery_most, tuning.recovery * 2**doublings) * gap)
    return regained * sharing(tuning, calls, gap, active, quiet, by_chance=by_chance)


def probing(tuning: Tuning, calls: float, active: float, quiet: float) -> float:
    """Return the share by which a rate in STEADY is exceeded now."""
    over = active - max(tuning.hold_seconds, tuning.hold_calls / calls, quiet)
    doubling = max(tuning.probe_seconds, tuning.probe_calls / calls)
    if over <= 0:
        return 0.0
    return float(tuning.probe * 2 ** min(tuning.most_doublings, over / doubling))
