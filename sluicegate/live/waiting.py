"""What keeps documents from being done, in a few words: for the line that a person watches."""

from sluicegate.pacing.limiter import Limiter


def waits_for(limiter: Limiter, now: float, last_trouble: str, backing_off: str) -> str:
    """Return what is waited for at a moment of the pacer's clock; "" for nothing known.

    `last_trouble` is what the service said last when it failed, `backing_off` the same while
    documents wait to be tried again, else "".
    """
    pacer = limiter.pacer
    if pacer.breaker.is_open:
        again = max(0.0, pacer.breaker.next_probe_at - now)
        return f"the service fails ({last_trouble}), next try in {again:.0f} s"
    if limiter.waits_for_service:
        return "the rate limit service gives no answer"
    if limiter.throttled.is_held:
        blocked = pacer.blocked_seconds(now)
        return f"held back by the quota{f' for {blocked:.0f} s' if blocked >= 1 else ''}"
    if pacer.in_flight:
        answers = "answer" if pacer.in_flight == 1 else "answers"
        return f"waiting for {pacer.in_flight:,} {answers} of the service"
    return f"errors of the service ({backing_off}), tried again soon" if backing_off else ""
