"""When to come back, as HTTP headers say it: Retry-After (RFC 9110) and what gateways add to it."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,9})?")


def retry_after(headers: Mapping[str, str]) -> float:
    """Return seconds; 0.0 where the headers say nothing that can be read.

    `retry-after-ms` is finer and wins. A date is taken against the reply's own `Date`: the clocks
    of two machines differ by seconds, and so long is what is often asked for. Without a `Date`,
    which every origin server sends, it says nothing.
    """
    known = {name.lower(): value.strip() for name, value in headers.items()}
    milliseconds = known.get("retry-after-ms", "")
    if _NUMBER.fullmatch(milliseconds):
        return float(milliseconds) / 1000
    stated = known.get("retry-after", "")
    if _NUMBER.fullmatch(stated):
        return float(stated)
    until, sent = _date(stated), _date(known.get("date", ""))
    return max(0.0, (until - sent).total_seconds()) if until and sent else 0.0


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
