"""Which call fails, and how: chosen deterministically, so that a test can name its victims."""

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

# Answered at once with an error, before the call counts as admitted.
REJECTIONS = frozenset({"http_429", "http_429_daily"})
# Answered with an HTTP error.
HTTP_ERRORS = frozenset(
    {
        "http_400_document",
        "http_400_schema",
        "http_401",
        "http_403",
        "http_404_model",
        "http_408",
        "http_500",
        "http_502",
        "http_503",
        "http_504",
    }
)
# The connection breaks, or nothing ever comes.
BROKEN_CONNECTIONS = frozenset({"reset", "reset_mid_body", "timeout"})
# Status 200 with a body that is no answer of the API at all.
FOREIGN_BODIES = frozenset({"html_200"})
FINISH_REASONS = frozenset(
    {
        "finish_MAX_TOKENS",
        "finish_SAFETY",
        "finish_RECITATION",
        "finish_LANGUAGE",
        "finish_OTHER",
        "finish_BLOCKLIST",
        "finish_PROHIBITED_CONTENT",
        "finish_SPII",
        "finish_MALFORMED_FUNCTION_CALL",
        "finish_MALFORMED_RESPONSE",
        "finish_UNKNOWN_NEW_VALUE",
    }
)
# The model's text is spoiled though the finish reason is STOP.
SPOILED_TEXTS = frozenset(
    {
        "cut_json",
        "not_json",
        "fenced_json",
        "wrong_types",
        "missing_required",
        "extra_fields",
        "huge_number",
        "nan",
        "duplicate_keys",
        "empty_text",
    }
)
# The answer's frame lacks something.
SPOILED_FRAMES = frozenset({"no_candidates", "no_candidates_silent", "no_usage"})

FAULTS = (
    REJECTIONS
    | HTTP_ERRORS
    | BROKEN_CONNECTIONS
    | FOREIGN_BODIES
    | FINISH_REASONS
    | SPOILED_TEXTS
    | SPOILED_FRAMES
)

# How a header says when to come back.
RETRY_AFTER_FORMS = frozenset({"seconds", "date", "ms"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRule:
    """One fault and whom it hits; the conditions given must all hold, and with none it hits all.

    ``share`` (0 to 1) takes documents by a hash of seed and identity: the same ones in every run,
    and never the same document for two rules with shares. ``match`` is a part of the file URI or
    the start of the sha256 of inline bytes. ``next`` hits that many calls and no more. ``times``
    bounds how often one document is hit: 1 makes a fault that passes. The rest are parameters:
    ``after`` and ``seconds`` (how long before the fault, and how long a timeout lasts at most),
    ``message`` of an HTTP error, ``retry_delay`` of a 429 in seconds, ``block_reason``,
    ``retry_after`` of an HTTP error or 429 in seconds, as a header in the form ``retry_after_form``
    (``seconds``, ``date`` or ``ms``).
    Raises ``ValueError`` for a fault or form that does not exist or a share outside its range.
    """

    fault: str
    share: float | None = None
    match: str | None = None
    next: int | None = None
    times: int | None = None
    after: float = 0.0
    seconds: float = 3600.0
    message: str | None = None
    retry_delay: float | None = None
    block_reason: str = "PROHIBITED_CONTENT"
    retry_after: float | None = None
    retry_after_form: str = "seconds"

    def __post_init__(self) -> None:
        if self.fault not in FAULTS:
            message = f"unknown fault {self.fault!r}; expected one of {', '.join(sorted(FAULTS))}"
            raise ValueError(message)
        if self.retry_after_form not in RETRY_AFTER_FORMS:
            forms = ", ".join(sorted(RETRY_AFTER_FORMS))
            message = f"retry_after_form is {self.retry_after_form!r}; expected one of {forms}"
            raise ValueError(message)
        if self.share is not None and not 0 <= self.share <= 1:
            message = f"share of {self.fault} is {self.share}; expected a number from 0 to 1"
            raise ValueError(message)

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> Self:
        """Return the rule that a JSON object describes; raises ``ValueError``."""
        known = {field.name for field in dataclasses.fields(cls)}
        if unknown := sorted(set(given) - known):
            message = f"unknown settings {unknown} of a fault; expected some of {sorted(known)}"
            raise ValueError(message)
        if "fault" not in given:
            message = f"a fault rule without a fault: {dict(given)}"
            raise ValueError(message)
        return cls(**given)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return the rule of ``NAME[,key=value…]``, e.g. ``http_503,share=0.05,times=1``."""
        name, *settings = text.split(",")
        given: dict[str, Any] = {"fault": name.strip()}
        for setting in settings:
            key, found, value = setting.partition("=")
            if not found:
                message = f"{setting!r} in fault {text!r} is not key=value"
                raise ValueError(message)
            given[key.strip()] = _number_or_text(key.strip(), value.strip())
        return cls.from_mapping(given)


def _number_or_text(key: str, value: str) -> object:
    if key in {"next", "times"}:
        return int(value)
    if key in {"share", "after", "seconds", "retry_delay", "retry_after"}:
        return float(value)
    return value


def position(seed: int, identity: str) -> float:
    """Return where a document lies in [0, 1) for choosing shares; the same on every machine."""
    digest = hashlib.sha256(f"{seed}\0{identity}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


class FaultPlan:
    """Rules together with how often each has struck; used by one thread."""

    def __init__(self, rules: Sequence[FaultRule], *, seed: int = 0) -> None:
        self._seed = seed
        self._rules = tuple(rules)
        self._left = [rule.next for rule in self._rules]
        self._struck: list[Counter[str]] = [Counter() for _ in self._rules]
        # Shares lie side by side in [0, 1), so that each takes its full part.
        self._ranges: list[tuple[float, float]] = []
        start = 0.0
        for rule in self._rules:
            end = start + (rule.share or 0.0)
            self._ranges.append((start, end))
            start = end

    def choose(self, identity: str) -> FaultRule | None:
        """Return the rule that hits this call for document ``identity``, and count it."""
        if not self._rules:
            return None
        place = position(self._seed, identity)
        for number, rule in enumerate(self._rules):
            if rule.match is not None and not _matches(rule.match, identity):
                continue
            start, end = self._ranges[number]
            if rule.share is not None and not start <= place < end:
                continue
            left = self._left[number]
            if left is not None and left <= 0:
                continue
            struck = self._struck[number]
            if rule.times is not None and struck[identity] >= rule.times:
                continue
            if left is not None:
                self._left[number] = left - 1
            struck[identity] += 1
            return rule
        return None


def _matches(pattern: str, identity: str) -> bool:
    return pattern in identity if "://" in identity else identity.startswith(pattern.lower())
