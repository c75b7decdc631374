"""How a rate grows while no call is rejected, by what quota.py is doing.

`active` are the seconds since the last cut in which the rate was what held calls back, of which
the first `quiet` are to be left alone; `calls` are the calls a second that the rate allows.
"""

import math

# Doubling in CLIMB: seconds, or calls where those take longer.
_DOUBLE_SECONDS, _DOUBLE_CALLS = 0.9, 4.0
# SHARE: growth a second (less for slow rates, or each call would be a probe), and how it doubles
# when no rejection comes for so long.
_GROWTH, _FULL_GROWTH_RATE = 0.014, 3.0
_CLEAN_SECONDS, _FASTER_SECONDS = 7.0, 1.3
# STEADY: how long the rate is held, how far above it is tried first, and how that doubles.
_HOLD_SECONDS, _HOLD_CALLS = 2.8, 32.0
_PROBE, _PROBE_SECONDS, _PROBE_CALLS = 0.011, 0.8, 5.0
# After a wait of a second that a server has asked for, a rate is left alone for so many.
QUIET_AFTER_RETRY = 10.0
_MOST_DOUBLINGS = 20.0  # more would be too large a number before it is ever reached


def climbing(calls: float, gap: float) -> float:
    """Return the factor by which a rate grows in `gap` seconds of looking for the quota."""
    return float(2 ** (gap / max(_DOUBLE_SECONDS, _DOUBLE_CALLS / calls)))


def sharing(calls: float, gap: float, active: float, quiet: float) -> float:
    """Return the factor by which a rate grows in `gap` seconds beside others."""
    if active <= quiet:
        return 1.0
    growth = _GROWTH * min(1.0, calls / _FULL_GROWTH_RATE)
    # Where a rejection costs a long wait, growth is slow for as long.
    slow = quiet + max(_CLEAN_SECONDS, quiet / QUIET_AFTER_RETRY)
    growth *= 2 ** min(_MOST_DOUBLINGS, max(0.0, (active - slow) / _FASTER_SECONDS))
    return math.exp(min(1.0, growth) * gap)


def probing(calls: float, active: float, quiet: float) -> float:
    """Return by which share a rate that is known is exceeded now."""
    over = active - max(_HOLD_SECONDS, _HOLD_CALLS / calls, quiet)
    doubling = max(_PROBE_SECONDS, _PROBE_CALLS / calls)
    return float(_PROBE * 2 ** min(_MOST_DOUBLINGS, over / doubling)) if over > 0 else 0.0
