"""How long a run takes: by its quota, as it is given or as the sample met it."""

from pipeline.settings import Settings
from sluicegate.estimate.result import Figure, Hours
from sluicegate.summary import Summary

_MINUTES = 60.0


def hours_of(
    settings: Settings, calls: Figure, tokens_in: Figure, summary: Summary | None
) -> Hours | None:
    """Return the hours, and by what they are known; None where nothing is.

    A quota of calls and one of tokens hold at once: the slower counts.
    """
    given = settings.given
    known = []
    if given.requests_per_minute:
        known.append((calls, given.requests_per_minute, "calls", "--requests_per_minute"))
    if given.tokens_per_minute:
        known.append((tokens_in, given.tokens_per_minute, "tokens", "--tokens_per_minute"))
    if known:
        count, rate, what, flag = max(known, key=lambda each: each[0].high / each[1])
        return Hours(_over(count, rate), f"at {rate:,.0f} {what} a minute, as {flag} says")
    # The first call goes alone, and the learned rate begins low: a short sample says nothing.
    if summary is None or summary.calls < 20 or summary.elapsed_seconds < 5:
        return None
    answered = summary.calls - summary.calls_rejected_429
    rate = answered / summary.elapsed_seconds * _MINUTES
    held = summary.calls_rejected_429 > 0 or summary.throttled_seconds > 1
    why = (
        "the quota that the sample met"
        if held
        else "as the sample went; no quota held it back, so the run will be faster"
    )
    return Hours(_over(calls, rate), f"at {rate:,.0f} calls a minute, {why}")


def _over(count: Figure, rate: float) -> Figure:
    value = None if count.value is None else count.value / rate / _MINUTES
    return Figure(value, count.low / rate / _MINUTES, count.high / rate / _MINUTES)
