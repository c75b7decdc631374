"""One document held against its truth: every value exact, normalised, missing, wrong or extra."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from sluicegate.alignment.lines import pair_items
from sluicegate.alignment.values import alike, equal, is_number, number
from sluicegate.document_types.table_schema import RESERVED_NAMES
from sluicegate.evaluation.tally import Judged
from sluicegate.evaluation.truth import Truth

Verdict = Literal["exact", "normalised", "missing", "wrong", "extra"]


@dataclass(frozen=True, slots=True)
class Rules:
    """How values are scored. `tolerance` is absolute: a number so near is right but for its form.

    `fields` are the columns to score, empty for all that the truth has.
    """

    tolerance: Decimal = Decimal(0)
    fields: tuple[str, ...] = ()


def score(truth: Truth, row: dict[str, Any] | None, rules: Rules) -> Iterator[Judged]:
    """Yield every value of the truth, and every value that was found where the truth has none.

    Without a row every value of the truth is missing. Items of lists are brought together by best
    assignment; the fields of one without counterpart are all missing, or all extra.
    """
    scorer = _Scorer(truth, rules)
    for index, (name, value) in enumerate(truth.fields.items()):
        wanted = not rules.fields or name in rules.fields
        if wanted and name not in RESERVED_NAMES and (row is None or name in row):
            found = None if row is None else row[name]
            for judged in scorer.value(
                name, (index,), value, found, name, is_column=row is not None
            ):
                yield judged if row is not None else judged._replace(has_row=False)


class _Scorer:
    def __init__(self, truth: Truth, rules: Rules) -> None:
        self._truth, self._rules = truth, rules

    def value(
        self,
        path: str,
        order: tuple[int, ...],
        truth: Any,
        found: Any,
        place: str,
        *,
        is_column: bool,
    ) -> Iterator[Judged]:
        if isinstance(truth, list) or isinstance(found, list):
            for scored in self._items(path, order, truth or [], found or [], place):
                own = is_column and scored.path == path
                yield scored._replace(is_column=own or scored.is_column)
        elif isinstance(truth, dict) or isinstance(found, dict):
            yield from self._record(path, order, truth, found, place)
        elif truth is not None or found is not None:
            verdict = self._verdict(path, truth, found)
            yield Judged(path, order, verdict, truth, found, is_column=is_column, place=place)

    def _record(
        self, path: str, order: tuple[int, ...], truth: Any, found: Any, place: str
    ) -> Iterator[Judged]:
        ours = truth if isinstance(truth, dict) else {}
        theirs = found if isinstance(found, dict) else {}
        # Of a record the truth has, its fields are scored; of one it has not, all are extra.
        for index, name in enumerate(ours or theirs):
            if not theirs or name in theirs:
                yield from self.value(
                    f"{path}.{name}",
                    (*order, index),
                    ours.get(name),
                    theirs.get(name),
                    f"{place}.{name}",
                    is_column=name in theirs,
                )

    def _items(
        self, path: str, order: tuple[int, ...], truth: Any, found: Any, place: str
    ) -> Iterator[Judged]:
        truth = truth if isinstance(truth, list) else [truth]
        found = found if isinstance(found, list) else [found]
        known = {name for item in found if isinstance(item, dict) for name in item}
        asked = {name for item in truth if isinstance(item, dict) for name in item}
        # Items are told apart by what both sides have of them.
        common = (known & asked) if known and asked else known | asked
        wanted = [_only(item, common) for item in truth]
        got = [_only(item, common) for item in found]
        pairing = pair_items(wanted, got)
        couples = [(wanted[i], got[j], f"{place}[{j}]") for i, j in pairing.pairs]
        couples += [(wanted[i], None, place) for i in pairing.only_before]
        couples += [(None, got[j], f"{place}[{j}]") for j in pairing.only_after]
        for ours, theirs, at in couples:
            if not isinstance(ours, dict) and not isinstance(theirs, dict):
                verdict = self._verdict(path, ours, theirs)
                capped = pairing.capped
                yield Judged(path, order, verdict, ours, theirs, capped=capped, place=at)
                continue
            inner = list(self._record(path, order, ours, theirs, at))
            if theirs is None:  # a lost item stands nowhere: it is the list that lacks it
                inner = [each._replace(place=place) for each in inner]
            verdict = _overall(inner, ours, theirs)
            shown = _as_found(ours, theirs)
            yield Judged(path, order, verdict, shown, theirs, is_item=True, capped=pairing.capped)
            yield from inner

    def _verdict(self, path: str, truth: Any, found: Any) -> Verdict:
        if truth is None:
            return "extra"
        if found is None:
            return "missing"
        accepted = [truth, *self._truth.also_right(path)]
        if any(equal(one, found) for one in accepted):
            return "exact"
        if any(alike(one, found) or self._near(one, found) for one in accepted):
            return "normalised"
        return "wrong"

    def _near(self, truth: Any, found: Any) -> bool:
        """Tell whether a number is within the tolerance, or right but for its sign."""
        if not (is_number(truth) or is_number(found)):
            return False
        ours, theirs = number(truth), number(found)
        if ours is None or theirs is None:
            return False
        if self._truth.sign_insensitive:
            ours, theirs = abs(ours), abs(theirs)
        return abs(ours - theirs) <= self._rules.tolerance


def _only(item: Any, names: set[str]) -> Any:
    return {n: v for n, v in item.items() if n in names} if isinstance(item, dict) else item


def _as_found(truth: Any, found: Any) -> Any:
    """Take numbers that the truth writes as text for numbers where the row has them: 92.60."""
    if not isinstance(truth, dict) or not isinstance(found, dict):
        return truth
    numbers = {name: number(truth[name]) for name in truth if is_number(found.get(name))}
    return truth | {name: value for name, value in numbers.items() if value is not None}


def _overall(fields: list[Judged], truth: Any, found: Any) -> Verdict:
    if truth is None:
        return "extra"
    if found is None:
        return "missing"
    verdicts = {field.verdict for field in fields}
    if verdicts & {"missing", "wrong", "extra"}:
        return "wrong"
    return "normalised" if "normalised" in verdicts else "exact"
