"""The budget of a run: how many dollars it may pay, shared by all its processes.

One object of the journal, `runs/<run id>/budget.json`, holds the ceiling and what was taken from
it. A process takes a part, pays from it, takes another, and at its end gives back what is left.
Each step is one conditional write, so the parts never add up to more than the ceiling.

A part is a quarter of what is left, divided by the processes: few writes at first, small parts at
last, and no more than that is lost with a process that is killed: what it had taken counts as paid.
An even split by processes would need no object, but the share of a process that has little to do
would be lost to the others.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from sluicegate.faults import JobFault
from sluicegate.storage import Changed, NotFound, Store, StoreError, Unavailable, join

_FORMAT = 1
_SHARE = Decimal("0.25")
_TRIES = 10  # at an object that others write meanwhile


@dataclass(frozen=True, slots=True)
class Taken:
    """What a process got, and what is left for all."""

    usd: Decimal
    left_usd: Decimal


class RunBudget:
    """The dollars of one run. Scope: any thread of any process of the run.

    Methods block. They raise JobFault where the journal cannot be used, Unavailable where it may be
    usable later, and where so many processes write the object that none of ten tries succeeded.
    """

    def __init__(
        self, store: Store, journal: str, run_id: str, limit_usd: Decimal, sharers: int = 1
    ) -> None:
        self.limit_usd = limit_usd
        self._store = store
        self.uri = join(journal, f"runs/{run_id or 'unnamed'}/budget.json")
        self._sharers = max(1, sharers)  # processes, times the models that each asks

    def take(self, least_usd: Decimal) -> Taken:
        """Take at least so many dollars, more where much is left; none if so many are not left.

        What is to be created as a whole, as a batch job, takes what it may cost at most, and gives
        back what it did not.
        """

        def part(left: Decimal) -> Decimal:
            usual = left * _SHARE / self._sharers
            return max(least_usd, usual) if least_usd <= left else Decimal(0)

        return self._change(part)

    def take_exactly(self, usd: Decimal) -> bool:
        """Take so many dollars; return whether they were left."""
        return bool(self._change(lambda left: usd if usd <= left else Decimal(0)).usd)

    def give_back(self, usd: Decimal) -> None:
        """Return dollars that were taken and not paid; less than none if more was paid."""
        self._change(lambda _: -usd)

    def left(self) -> Decimal:
        """Return the dollars that nobody has taken."""
        return self.limit_usd - self._look()[0]

    def _change(self, part: Callable[[Decimal], Decimal]) -> Taken:
        for _ in range(_TRIES):
            taken, version = self._look()
            left = self.limit_usd - taken
            usd = part(left)
            if not usd:
                return Taken(usd, left)
            try:
                self._write(taken + usd, version)
            except Changed:
                continue
            return Taken(usd, left - usd)
        raise Unavailable(f"{self.uri!r} is written by too many processes at once")

    def _look(self) -> tuple[Decimal, str]:
        """Return what was taken so far, and the version of the object that says so."""
        try:
            stored = self._store.look(self.uri)
        except NotFound:
            return Decimal(0), ""
        except Unavailable:
            raise
        except StoreError as error:
            raise JobFault("journal_unreadable", f"the budget cannot be read: {error}") from error
        try:
            return Decimal(json.loads(stored.data)["taken_usd"]), stored.version
        except (ValueError, KeyError, TypeError, InvalidOperation) as error:
            raise JobFault(
                "journal_unreadable",
                f"the budget {self.uri!r} cannot be read; what the run has paid is unknown: give "
                "another --run_id, or none",
            ) from error

    def _write(self, taken: Decimal, version: str) -> None:
        said = {"format": _FORMAT, "limit_usd": f"{self.limit_usd:f}", "taken_usd": f"{taken:f}"}
        try:
            self._store.write_if(self.uri, json.dumps(said, indent=1).encode(), version)
        except (Changed, Unavailable):
            raise
        except StoreError as error:
            raise JobFault(
                "journal_unwritable",
                f"the budget cannot be written: {error}; free space or fix permissions of "
                "--journal, then run again",
            ) from error
