"""What doubt is worth: how many of the wrong values it points at, and how many it points at in all.

Counted are rows that were looked at for evidence. A line that a row has too few counts as flagged
where its list is.
"""

from collections.abc import Iterable
from typing import TypedDict

from sluicegate.evaluation.outcomes import Outcome
from sluicegate.evaluation.shares import Share, share, shown
from sluicegate.evaluation.tally import Judged

_WRONG = frozenset({"wrong", "missing", "extra"})


class Reviewed(TypedDict):
    """What a review of all that is flagged would do: look at `load`, and `before` becomes `after`.

    `found` is the share flagged of what is wrong. All are shares with intervals.
    """

    load: Share
    found: Share
    before: Share
    after: Share


class DoubtReport(TypedDict):
    """The worth of doubt, by single values and by whole documents."""

    values: Reviewed
    documents: Reviewed


def as_sentence(reviewed: Reviewed, things: str) -> str:
    """Say what a review of all that is flagged would do."""
    said = f"review {shown(reviewed['load'])} of the {things}, and {shown(reviewed['before'])}"
    said += f" right become {shown(reviewed['after'])}"
    if not reviewed["found"]["of"]:
        return f"{said}; none is wrong"
    return (
        f"{said}: flagged are {shown(reviewed['found'])} of the {reviewed['found']['of']:,} wrong"
    )


class _Counts:
    """Things that are right or wrong, flagged or not."""

    __slots__ = ("all", "flagged", "wrong", "wrong_flagged")

    def __init__(self) -> None:
        self.all = self.flagged = self.wrong = self.wrong_flagged = 0

    def add(self, *, is_wrong: bool, is_flagged: bool) -> None:
        self.all += 1
        self.flagged += is_flagged
        self.wrong += is_wrong
        self.wrong_flagged += is_wrong and is_flagged

    def merge(self, other: "_Counts") -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def report(self) -> Reviewed:
        right = self.all - self.wrong
        return {
            "load": share(self.flagged, self.all),
            "found": share(self.wrong_flagged, self.wrong),
            "before": share(right, self.all),
            "after": share(right + self.wrong_flagged, self.all),
        }


class Doubts:
    """A mergeable sum over the rows of an output that have evidence."""

    __slots__ = ("documents", "values")

    def __init__(self) -> None:
        self.values, self.documents = _Counts(), _Counts()

    def add(self, outcome: Outcome, found: Iterable[Judged]) -> None:
        """Enter a row, as its values were judged."""
        if not outcome.has_evidence:
            return
        anything_wrong, seen = False, set()
        for judged in found:
            seen.add(judged.place)
            if judged.is_item:
                continue
            is_wrong = judged.verdict in _WRONG
            anything_wrong = anything_wrong or is_wrong
            self.values.add(is_wrong=is_wrong, is_flagged=judged.place in outcome.doubtful)
        # A list that seems to lack a line, and lacks none, is one more thing to look at.
        values = outcome.values or {}
        lists = {name for name in outcome.doubtful if isinstance(values.get(name), list)}
        for _ in lists - seen:
            self.values.add(is_wrong=False, is_flagged=True)
        self.documents.add(is_wrong=anything_wrong, is_flagged=outcome.needs_review)

    def merge(self, other: "Doubts") -> None:
        """Add another part of the rows."""
        self.values.merge(other.values)
        self.documents.merge(other.documents)

    def report(self) -> DoubtReport | None:
        """Return the report as JSON; None where no row has evidence."""
        if not self.documents.all:
            return None
        return {"values": self.values.report(), "documents": self.documents.report()}
