"""Placing: written drafts become claims and jobs, one after the other, in one place of a run."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from sluicegate.asking.budget import RunBudget
from sluicegate.batch.drafts import DOCUMENTS, INPUT, MEMBERS, Draft, decode_members, without
from sluicegate.batch.manifest import Manifest
from sluicegate.batch.register import Entry, Overlaps, Register, View
from sluicegate.batch.sending import Sender
from sluicegate.faults import JobFault

# Jobs that the Developer API has at once; more would be refused (its rate limits, October 2026).
MOST_OPEN = 100


@dataclass(frozen=True, slots=True)
class Placed:
    """What the documents of a draft wait for. `code` is one of a job's."""

    shard: str  # of the draft
    code: str
    message: str


ASKED = "asked for in a batch job that has not ended"
HELD = "held back until more batch jobs may be created"


@dataclass
class Placer:
    """Claims shards and creates their jobs. Scope: one thread; mutable.

    `manifest` is what all manifests of the run have in common. `most_open` bounds the shards that
    are open at once, those of earlier runs included.
    """

    register: Register
    sender: Sender
    manifest: Callable[[Draft], Manifest]
    view: View
    warn: Callable[[str], object] = lambda _text: None
    # What may be paid for jobs and calls of the run, and what a draft's job may cost at most.
    budget: RunBudget | None = None
    cost: Callable[[Draft], Decimal | None] = lambda _draft: None
    most_open: int = MOST_OPEN
    _held: str = ""  # why no further job is created
    _fault: JobFault | None = None
    _open: int = field(init=False)

    def __post_init__(self) -> None:
        """Count what is open already."""
        self._open = len(self.view.open)

    def place(self, draft: Draft) -> Placed:
        """Claim the shard of a draft and create its job, or leave it for a later run."""
        if self._fault:
            return Placed(draft.shard, self._fault.code, self._fault.message)
        if self._held or self._open >= self.most_open:
            return Placed(draft.shard, "batch_held", HELD)
        reserve = self._reserved(draft)
        if reserve is None and self.budget:
            return Placed(draft.shard, "budget_reached", self._says_budget)
        placed, created = self._created(draft)
        if self.budget and reserve and not created:
            self.budget.give_back(reserve)
        return placed

    def _created(self, draft: Draft) -> tuple[Placed, bool]:
        """Return what became of a draft, and whether a job was created for it here."""
        entry = self._claimed(draft)
        if entry is None:
            return Placed(draft.shard, "batch_waiting", ASKED), False
        self._open += 1
        if entry.manifest.state != "planned":
            return Placed(draft.shard, "batch_waiting", ASKED), False
        sent = self.sender.send(entry)
        if sent.says:
            self.warn(sent.says)
        if sent.fault:
            self._fault = sent.fault
            return Placed(draft.shard, sent.fault.code, sent.fault.message), False
        if sent.is_full:
            self._held = sent.says
            return Placed(draft.shard, "batch_held", HELD), False
        return Placed(draft.shard, "batch_waiting", ASKED), True

    def _reserved(self, draft: Draft) -> Decimal | None:
        """Take what a draft's job may cost from the budget; None where that is not left."""
        usd = self.cost(draft)
        if not self.budget or usd is None:
            return None
        return usd if self.budget.take_exactly(usd) else None

    @property
    def _says_budget(self) -> str:
        limit = self.budget.limit_usd if self.budget else 0
        return (
            f"--max_cost_usd ({limit:f}) is reached: what is left does not cover what a further "
            "batch job may cost at most"
        )

    def _claimed(self, draft: Draft) -> Entry | None:
        """Claim a draft, or what is left of it beside others' claims; None where nothing is."""
        while True:
            identities = tuple(self.register.members(draft.shard))
            try:
                return self.register.claim(self.manifest(draft), identities, self.view)
            except Overlaps as overlap:
                if len(overlap.taken) == len(identities):
                    return None
                draft = self._reduced(draft, overlap.taken)

    def _reduced(self, draft: Draft, taken: frozenset[str]) -> Draft:
        load, uri = self.register.load, self.register.uri
        members = tuple(decode_members(load(uri(draft.shard, DOCUMENTS))))
        lines = load(uri(draft.shard, INPUT)).splitlines()
        # Another name than the whole shard's: it has other members.
        smaller, objects = without(taken, lines, members).objects("without", draft.shard)
        for name in (INPUT, DOCUMENTS, MEMBERS):
            self.register.save(uri(smaller.shard, name), objects[name])
        tokens = math.ceil(draft.prompt_tokens * smaller.requests / max(1, draft.requests))
        return replace(smaller, prompt_tokens=tokens, is_canary=draft.is_canary)
