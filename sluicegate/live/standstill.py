"""Why no document is done at the moment, in a few words for the progress line."""

from sluicegate.pacing.limiter import Limiter


def reason(limiter: Limiter, now: float, last_trouble: str, backing_off: int, shed: int) -> str:
    """Return what holds documents back; "" for nothing known.

    `last_trouble` is what the service last failed with; `backing_off` documents wait after that,
    and `shed` ones for capacity.
    """
    pacer = limiter.pacer
    if pacer.breaker.is_open:
        again = max(0.0, pacer.breaker.next_probe_at - now)
        return f"the service fails ({last_trouble}), next try in {again:.0f} s"
    if limiter.waits_for_service:
        return "the rate limit service gives no answer"
    if shed and not pacer.in_flight:
        return f"no capacity for {shed:,} calls ({last_trouble}), tried again soon"
    if limiter.throttled.is_held and not shed:
        blocked = pacer.blocked_seconds(now)
        return f"held back by the quota{f' for {blocked:.0f} s' if blocked >= 1 else ''}"
    if pacer.in_flight:
        answers = "answer" if pacer.in_flight == 1 else "answers"
        return f"waiting for {pacer.in_flight:,} {answers} of the service"
    if backing_off:
        return f"errors of the service ({last_trouble}), tried again soon"
    return ""
