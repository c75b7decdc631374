"""Kinds of values: from a flag's text to its value, or one clear sentence. One class a kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from sluicegate.faults import UsageFault
from sluicegate.records import RUN_ID_PATTERN
from sluicegate.storage import exists_locally
from sluicegate.storage.patterns import split_patterns

_NUMBER = r"^[0-9]+(\.[0-9]+)?$"
_WHOLE = r"^[1-9][0-9]*$"


@dataclass(frozen=True)
class Kind:
    """What a flag's value is. `read` judges a text that was given: not empty, not None."""

    absent: ClassVar[Any] = ""  # the value of a flag that was not given and has no default
    metavar: ClassVar[str] = ""  # what --help calls the value; "": the flag's name
    repeated: ClassVar[bool] = False  # given several times, the texts add up
    parameter_type: ClassVar[str] = "TEXT"  # of the Flex Template

    @property
    def bare(self) -> str:
        """What a flag without a value means; "": a value is needed."""
        return ""

    def read(self, flag: str, text: Any) -> Any:
        """Return the value; raise UsageFault with one sentence that begins with the flag."""
        raise NotImplementedError

    @property
    def expects(self) -> str:
        """What a value has to be, for the reference; "" where the flag's help says it."""
        return ""

    @property
    def regexes(self) -> tuple[str, ...]:
        """What the template's form holds a value against."""
        return ()


@dataclass(frozen=True)
class Text(Kind):
    """Text as it was given, if it fits. `wanted` ends the sentence about one that does not."""

    fits: Callable[[str], object] | None = None
    wanted: str = ""
    strip: bool = False  # spaces around it mean nothing

    def read(self, flag: str, text: Any) -> str:
        """Return the text."""
        found = str(text).strip() if self.strip else str(text)
        if found and self.fits and not self.fits(found):
            raise UsageFault(f"{flag} {found!r}: {self.wanted}")
        return found


RUN_ID = Text(RUN_ID_PATTERN.fullmatch, wanted="letters, digits, '-', '_' and '.', at most 100")


@dataclass(frozen=True)
class Number(Kind):
    """A number within bounds, both included."""

    low: float
    high: float
    regex: str = _NUMBER

    absent: ClassVar[Any] = None
    metavar: ClassVar[str] = "N"
    parameter_type: ClassVar[str] = "NUMBER"

    def read(self, flag: str, text: Any) -> Any:
        """Return the number."""
        try:
            found = float(text)
        except (TypeError, ValueError):
            raise UsageFault(f"{flag} {text!r} is not a number") from None
        if not self.low <= found <= self.high:
            raise UsageFault(f"{flag} {text} is not between {self.low:g} and {self.high:,g}")
        return found

    @property
    def expects(self) -> str:
        """Both bounds."""
        return f"{_shown(self.low)} to {_shown(self.high)}"

    @property
    def regexes(self) -> tuple[str, ...]:
        """The form knows no bounds, only how a number looks."""
        return (self.regex,)


@dataclass(frozen=True)
class Whole(Number):
    """A whole number within bounds. `without_value`: what the bare flag means."""

    regex: str = _WHOLE
    without_value: str = ""

    @property
    def bare(self) -> str:
        """The number that a bare flag means."""
        return self.without_value

    def read(self, flag: str, text: Any) -> int:
        """Return the number as an int."""
        found = super().read(flag, text)
        if found != int(found):
            raise UsageFault(f"{flag} {text} is not a whole number")
        return int(found)


@dataclass(frozen=True)
class Exact(Number):
    """A number within bounds that is taken digit by digit."""

    def read(self, flag: str, text: Any) -> Decimal:
        """Return the number as a Decimal."""
        super().read(flag, text)
        return Decimal(str(text).strip())


SHARE = Number(0, 1, r"^(0(\.[0-9]+)?|1(\.0+)?)$")


@dataclass(frozen=True)
class Boolean(Kind):
    """True or false, in any case; a bare flag means true."""

    absent: ClassVar[Any] = False
    metavar: ClassVar[str] = "BOOL"
    parameter_type: ClassVar[str] = "BOOLEAN"

    @property
    def bare(self) -> str:
        """The bare flag is true."""
        return "true"

    def read(self, flag: str, text: Any) -> bool:
        """Return the truth."""
        found = str(text).strip().lower()
        if found not in ("true", "false"):
            raise UsageFault(f"{flag} {found!r}: use true or false")
        return found == "true"

    @property
    def regexes(self) -> tuple[str, ...]:
        """The two words."""
        return ("^(true|false)$",)


@dataclass(frozen=True)
class Choice(Kind):
    """One of several words. `options` says of each what the template's form calls it."""

    options: Mapping[str, str]

    parameter_type: ClassVar[str] = "ENUM"

    def read(self, flag: str, text: Any) -> str:
        """Return the word."""
        if text not in self.options:
            *others, last = self.options
            raise UsageFault(f"{flag} {text!r}: use {', '.join(others)} or {last}")
        return str(text)


@dataclass(frozen=True)
class Names(Kind):
    """Words, comma-separated, in the order they were given."""

    absent: ClassVar[Any] = ()
    metavar: ClassVar[str] = "NAMES"

    def read(self, flag: str, text: Any) -> tuple[str, ...]:  # noqa: ARG002 - of every kind
        """Return the words, without those that are empty."""
        return tuple(name for name in map(str.strip, str(text).split(",")) if name)


@dataclass(frozen=True)
class Patterns(Kind):
    """File patterns, comma-separated or repeated."""

    absent: ClassVar[Any] = ()
    metavar: ClassVar[str] = "PATTERN"
    repeated: ClassVar[bool] = True

    def read(self, flag: str, text: Any) -> tuple[str, ...]:  # noqa: ARG002 - of every kind
        """Return the patterns, each once, in order."""
        found = [
            part
            for one in text
            # A name with a comma in it that exists is itself.
            for part in ([one] if exists_locally(one) else split_patterns(one))
        ]
        return tuple(dict.fromkeys(found))


def _shown(bound: float) -> str:
    return f"{bound:,.0f}" if bound == int(bound) else f"{bound:g}"
