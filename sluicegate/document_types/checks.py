"""Checks that a schema cannot express: sums, plausible dates, currencies. They change no value.

A finding is a warning in the row's provenance, or the document's failure where the document type
says `on_fail: fail`.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from sluicegate.document_types.currencies import ISO_4217

# Kinds of fields that a check takes at each of its paths.
Paths = dict[str, tuple[str, ...]]
_NUMBERS = ("decimal", "integer")


class _Check(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    of_lines: ClassVar[bool] = False  # it finds something where lines of a list are missing
    on_fail: Literal["warn", "fail"] = "warn"

    @property
    def at_end(self) -> tuple[str, ...]:
        """The paths of sums that a long document carries from page to page: the last is its own."""
        return ()

    def explained_by(self, values: dict[str, Any]) -> frozenset[Decimal]:  # noqa: ARG002
        """Return numbers of which one on the pages says that no line is missing all the same."""
        return frozenset()


class SumCheck(_Check):
    """The values at `of` (as `items.price`) add up to `equals`.

    `uplift` allows for taxes outside the lines: the total may exceed the sum by that share.
    `discount` allows for one below the lines: the total may fall short of the sum by that share.
    `tolerance` is absolute, in the currency's unit.
    """

    of_lines = True
    check: Literal["sum"]
    of: str
    equals: str
    tolerance: Decimal = Decimal("0.05")
    uplift: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)

    def paths(self) -> Paths:
        """Return what it looks at."""
        return {self.of: _NUMBERS, self.equals: _NUMBERS}

    @property
    def at_end(self) -> tuple[str, ...]:
        """The total."""
        return (self.equals,)

    def explained_by(self, values: dict[str, Any]) -> frozenset[Decimal]:
        """Return the sum of the lines, and by how much it misses the total: a discount, a tax."""
        found = sum((v for v in values_at(values, self.of) if v is not None), Decimal(0))
        total = next(values_at(values, self.equals), None)
        return frozenset((abs(found), abs((total or Decimal(0)) - found)))

    def find(self, values: dict[str, Any], today: date) -> str | None:  # noqa: ARG002
        """Return a sentence that says what does not add up, or None."""
        numbers = [v for v in values_at(values, self.of) if v is not None]
        total = next(values_at(values, self.equals), None)
        if not numbers or total is None:
            return None
        found = sum(numbers, Decimal(0))
        low, high = sorted((found * (1 - self.discount), found * (1 + self.uplift)))
        if low - self.tolerance <= total <= high + self.tolerance:
            return None
        return f"{self.of} adds up to {found}, {self.equals} is {total}"


class BalanceCheck(_Check):
    """The balance at `opening` and the values at `of` add up to `closing`.

    With `running`, a value beside each line, the sentence names the first line that breaks it.
    """

    of_lines = True
    check: Literal["balance"]
    opening: str
    of: str
    closing: str
    running: str | None = None
    tolerance: Decimal = Decimal("0.005")

    def paths(self) -> Paths:
        """Return what it looks at."""
        named = (self.opening, self.of, self.closing, self.running)
        return {path: _NUMBERS for path in named if path}

    @property
    def at_end(self) -> tuple[str, ...]:
        """The closing balance."""
        return (self.closing,)

    def find(self, values: dict[str, Any], today: date) -> str | None:  # noqa: ARG002
        """Return a sentence that says what does not add up, or None."""
        opening = next(values_at(values, self.opening), None)
        closing = next(values_at(values, self.closing), None)
        amounts = list(values_at(values, self.of))
        if opening is None or closing is None:
            return None
        broken = self._first_break(values, opening, amounts)
        found = opening + sum((v for v in amounts if v is not None), Decimal(0))
        if abs(found - closing) <= self.tolerance and not broken:
            return None
        return (
            f"{self.opening} {opening} and {len(amounts):,} lines come to {found}, "
            f"{self.closing} is {closing}{broken}"
        )

    def _first_break(
        self, values: dict[str, Any], opening: Decimal, amounts: list[Decimal | None]
    ) -> str:
        if not self.running:
            return ""
        before: Decimal | None = opening
        pairs = zip(amounts, values_at(values, self.running), strict=False)
        for number, (amount, balance) in enumerate(pairs, 1):
            if amount is None:
                return f"; line {number:,} has no amount"
            expected = None if before is None else before + amount
            if balance is None:
                before = expected
                continue
            if expected is not None and abs(expected - balance) > self.tolerance:
                return f"; line {number:,} should leave {expected} and says {balance}"
            before = balance
        return ""


class CountCheck(_Check):
    """The list `of` has as many items as `equals` says, a number that the document prints."""

    of_lines = True
    check: Literal["count"]
    of: str
    equals: str

    def paths(self) -> Paths:
        """Return what it looks at."""
        return {self.of: ("list",), self.equals: ("integer",)}

    def find(self, values: dict[str, Any], today: date) -> str | None:  # noqa: ARG002
        """Return a sentence that says how many there are and should be, or None."""
        printed = next(values_at(values, self.equals), None)
        found = len(values.get(self.of) or [])
        if printed is None or found == printed:
            return None
        return f"{self.of} has {found:,} items, {self.equals} is {printed}"


class DateCheck(_Check):
    """The date lies between `earliest` and `future_days` from today."""

    check: Literal["plausible_date"]
    field: str
    earliest: date = date(1990, 1, 1)
    future_days: int = 366

    def paths(self) -> Paths:
        """Return what it looks at."""
        return {self.field: ("date",)}

    def find(self, values: dict[str, Any], today: date) -> str | None:
        """Return a sentence about the first implausible date, or None."""
        latest = today + timedelta(days=self.future_days)
        for value in values_at(values, self.field):
            if value is not None and not self.earliest <= value <= latest:
                return f"{self.field} {value} is not between {self.earliest} and {latest}"
        return None


class CurrencyCheck(_Check):
    """The value is an active ISO 4217 currency code."""

    check: Literal["currency"]
    field: str

    def paths(self) -> Paths:
        """Return what it looks at."""
        return {self.field: ("string",)}

    def find(self, values: dict[str, Any], today: date) -> str | None:  # noqa: ARG002
        """Return a sentence about the first value that is no currency code, or None."""
        for value in values_at(values, self.field):
            if value is not None and value not in ISO_4217:
                return f"{self.field} {value[:40]!r} is not an ISO 4217 code"
        return None


Check = Annotated[
    SumCheck | BalanceCheck | CountCheck | DateCheck | CurrencyCheck, Field(discriminator="check")
]


def reference() -> str:
    """Return the table of checks, in Markdown."""
    lines = ["| check | keys | finds nothing where |", "|---|---|---|"]
    kinds: tuple[type[BaseModel], ...] = get_args(get_args(Check)[0])
    for kind in kinds:
        (name,) = get_args(kind.model_fields["check"].annotation)
        keys = (
            f"`{key}`" if info.is_required() else f"`{key}` ({_shown(info.default)})"
            for key, info in kind.model_fields.items()
            if key not in ("check", "on_fail")
        )
        lines.append(f"| `{name}` | {', '.join(keys)} | {(kind.__doc__ or '').splitlines()[0]} |")
    return "\n".join((*lines, ""))


def _shown(default: Any) -> str:
    return "–" if default is None else str(default)


def values_at(values: dict[str, Any], path: str) -> Iterator[Any]:
    """Yield the values at a dotted path, one for each item of the lists on it."""
    name, _, rest = path.partition(".")
    value = values.get(name)
    for item in value if isinstance(value, list) else [value]:
        if not rest:
            yield item
        elif isinstance(item, dict):
            yield from values_at(item, rest)
