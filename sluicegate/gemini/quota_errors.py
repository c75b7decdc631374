"""From an exhausted quota to a verdict: one that fills up again, one of the day, one of nothing.

429 says all of them alike; what differs stands in QuotaFailure, in ErrorInfo, or in the message
alone. A quota that never fills up stops the job at its first call: waiting for it costs 207 hours
and 149,000 calls for 400 documents, at the default deadline.
"""

import re
from typing import Any

from sluicegate.asking.verdict import FailJob, RateLimited, Verdict
from sluicegate.gemini.error_details import Facts

# Money: nothing is admitted before somebody pays, or a month is over.
_CAP = r"(?:spend(?:ing)?|budget|billing)[ -]?(?:cap|limit)"
_CREDIT = r"(?:credits?|balance|funds)"
_MONEY = re.compile(
    rf"(?:exceed|reach|hit|over|above)\w*\b[^.]{{0,60}}\b{_CAP}"
    rf"|\b{_CAP}\b[^.]{{0,60}}\b(?:exceed|reach|hit|over)"
    rf"|\b{_CREDIT}\b[^.]{{0,40}}\b(?:depleted|exhausted|used up|gone|expired|consumed|spent|"
    r"insufficient|too low|negative|empty|run out)"
    rf"|\b(?:insufficient|out of|no more|no remaining|not enough)\s+(?:\w+\s+){{0,2}}{_CREDIT}\b"
    r"|\bpayment (?:is )?(?:required|overdue|failed|past due)",
    re.IGNORECASE,
)
# A limit of nothing, in the words of a message.
_NOTHING = re.compile(
    r"\b(?:limit|quota)(?: value| limit)?(?: (?:of|is))?\s*[:=]?\s*['\"(]?(?:0(?![\d.,]*\d)|zero\b)"
    r"|\bno quota\b",
    re.IGNORECASE,
)
# A quota of a day or longer, in the name of a quota (PerDay), its unit (1/d/{project}) or in words.
_LONG_NAME = re.compile(
    r"Per(?:Day|Week|Month)|(?:^|[_/])(?:per_day|daily|per_month|monthly)|1/d\b"
)
_LONG_WORDS = re.compile(
    r"\bper[ _-]?(?:day|week|month)\b|\bdaily\b|\b(?:requests|tokens)/(?:d|day)\b|\bRPD\b",
    re.IGNORECASE,
)


def judge_money(facts: Facts) -> FailJob | None:
    """Return the fault of a job that nobody pays for, whatever status says it."""
    if not (facts.status == 402 or _MONEY.search(facts.text)):
        return None
    said = facts.text.rstrip(".")
    return FailJob(
        "billing_stopped",
        f"the service admits no call before the account is in order: {said}; raise the spending "
        "cap or add credit, then run the same command again: it goes on from here",
    )


def judge_quota(facts: Facts) -> Verdict:
    """Judge a 429 by the longest of the quotas that it names."""
    if fault := judge_money(facts):
        return fault
    if _is_nothing(facts):
        return FailJob(
            "no_quota",
            "this project has no quota for this model here (a limit of 0), so that waiting does "
            "not help; enable billing, request quota, or choose another --model or "
            f"--gemini_location ({facts.text})",
        )
    if _is_long(facts):
        return FailJob(
            "daily_quota_exhausted",
            "the model's daily quota is used up; run the same command again tomorrow, "
            f"it goes on from here ({facts.text})",
        )
    minute = [quota for quota in facts.quotas if "PerMinute" in str(quota.get("quotaId", ""))]
    return RateLimited(
        facts.text,
        facts.retry_seconds,
        of_tokens=any("Token" in str(quota["quotaId"]) for quota in minute),
        per_minute=_value(minute[0]) if len(minute) == 1 else None,
    )


def _is_nothing(facts: Facts) -> bool:
    values = [quota.get("quotaValue") for quota in facts.quotas]
    values += [each.get("quota_limit_value") for each in facts.metadata]
    if any(re.fullmatch(r"0+(?:\.0+)?", str(value)) for value in values if value is not None):
        return True
    return bool(_NOTHING.search(facts.text))


def _is_long(facts: Facts) -> bool:
    names = [
        str(quota.get(key, "")) for quota in facts.quotas for key in ("quotaId", "quotaMetric")
    ]
    names += [
        each.get(key, "")
        for each in facts.metadata
        for key in ("quota_limit", "quota_metric", "quota_unit")
    ]
    return any(_LONG_NAME.search(name) for name in names) or bool(_LONG_WORDS.search(facts.text))


def _value(quota: dict[str, Any]) -> float | None:
    """Return the value of a quota (google.rpc.QuotaFailure, a 64-bit integer as a string)."""
    found = re.fullmatch(r"[1-9]\d{0,15}", str(quota.get("quotaValue", "")))
    return float(found.group()) if found else None
