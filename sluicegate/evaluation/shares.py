"""Shares with the interval in which the true one lies: what a sample can say."""

import math
from typing import TypedDict

# Two sides of 2.5 % each.
_Z = 1.959964


class Share(TypedDict):
    """So many of so many, and the share with its interval at 95 %; null of none."""

    count: int
    of: int
    share: float | None
    low: float | None
    high: float | None


def share(count: int, of: int) -> Share:
    """Return a share with Wilson's score interval.

    It stays within 0 and 1 and holds near both, where documents that are nearly all right are:
    E. B. Wilson, Probable inference, the law of succession, and statistical inference, 1927.
    """
    if not of:
        return {"count": count, "of": of, "share": None, "low": None, "high": None}
    low, high = wilson(count, of)
    return {
        "count": count,
        "of": of,
        "share": round(count / of, 6),
        "low": round(low, 6),
        "high": round(high, 6),
    }


def shown(found: Share) -> str:
    """Return a share as a person reads it: `98.1 % (97.2–98.7)`."""
    if found["share"] is None or found["low"] is None or found["high"] is None:
        return "–"
    low, high = 100 * found["low"], 100 * found["high"]
    return f"{100 * found['share']:.1f} % ({low:.1f}–{high:.1f})"


def wilson(count: int, of: int) -> tuple[float, float]:
    """Return the bounds of Wilson's interval at 95 % for `count` of `of`, which is not 0."""
    rate, spread = count / of, _Z * _Z / of
    middle = rate + spread / 2
    half = _Z * math.sqrt(rate * (1 - rate) / of + spread / (4 * of))
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


def f1(precision: float | None, recall: float | None) -> float | None:
    """Return the harmonic mean of both; None where either is unknown or both are 0."""
    if precision is None or recall is None or not precision + recall:
        return None
    return round(2 * precision * recall / (precision + recall), 6)
