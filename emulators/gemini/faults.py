"""What can go wrong with a call, and the rules that say whom it hits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from emulators.gemini.lies import LIES
from emulators.gemini.written_rule import checked, read_rule

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
    frozenset(LIES)  # the answer is short or muddled, and looks whole
    | REJECTIONS
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
    and never the same document for two rules with shares. ``chance`` (0 to 1) takes calls, retries
    too, by a hash of seed, identity and how often its project has called for that document: never
    the same call for two rules with chances. A 429 by chance is sent before the quotas are asked,
    and uses nothing of them. ``wave`` leaves every other span of so many seconds alone, from the
    project's first call on and beginning with the first. ``spares`` is a project that is not hit:
    an API key up to its first dot. ``match`` is a part of the file URI or the start of the sha256
    of inline bytes. ``next`` hits that many calls and no more. ``times`` bounds how often one
    document is hit: 1 makes a fault that passes. The rest are parameters:
    ``after`` and ``seconds`` (how long before the fault, and how long a timeout lasts at most),
    ``message`` of an HTTP error, ``retry_delay`` of a 429 in seconds, ``block_reason``,
    ``retry_after`` of an HTTP error or 429 in seconds, as a header in the form ``retry_after_form``
    (``seconds``, ``date`` or ``ms``).
    Raises ``ValueError`` for a fault or form that does not exist and for a share, chance or wave
    outside its range.
    """

    fault: str
    share: float | None = None
    chance: float | None = None
    wave: float | None = None
    spares: str | None = None
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
        for name in ("share", "chance"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                message = f"{name} of {self.fault} is {value}; expected a number from 0 to 1"
                raise ValueError(message)
        if self.wave is not None and not self.wave > 0:
            message = f"wave of {self.fault} is {self.wave}; expected seconds, more than 0"
            raise ValueError(message)

    @property
    def before_quota(self) -> bool:
        """Whether a call that it hits is turned away before the quotas are asked."""
        return self.chance is not None and self.fault in REJECTIONS

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> Self:
        """Return the rule that a JSON object describes; raises ``ValueError``."""
        return cls(**checked(cls, given))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return the rule of ``NAME[,key=value…]``, e.g. ``http_503,share=0.05,times=1``."""
        return cls.from_mapping(read_rule(text))
