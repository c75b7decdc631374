"""What the documents of a sample took, in every unit of an estimate; and the estimate of them all.

Dollars are those of the responses at each tier, whichever tier served the sample. Pure.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sluicegate.estimate.arithmetic import usd_at
from sluicegate.estimate.plan import Part
from sluicegate.estimate.regression import Asked, Stratum, Total, estimate_total
from sluicegate.gemini.catalogue import TIERS, Model
from sluicegate.records import Usage


@dataclass(frozen=True, slots=True)
class Took:
    """What asking about one document took: a usage a response, and the model that gave it."""

    responses: tuple[tuple[Model, Usage], ...] = ()
    paid_before: bool = False  # by an earlier run: the next pays nothing for it

    def usd(self, tier: str, on: date) -> float:
        """Return the dollars at a tier on a day."""
        return float(sum(usd_at(tier, model, usage, on) for model, usage in self.responses))

    @property
    def usage(self) -> Usage:
        """The tokens of all responses."""
        return sum((usage for _, usage in self.responses), Usage())


@dataclass(frozen=True, slots=True)
class Looked:
    """A stratum with what was found: pages of what was read, and what its asked documents took."""

    part: Part
    pages: Sequence[float]  # of `part.read`, in order
    took: Sequence[Took]  # of `part.asked`, in order; nothing where none was asked


@dataclass(frozen=True, slots=True)
class Costs:
    """Estimates for all documents of the input. Dollars are by tier."""

    usd: dict[str, Total]
    left_usd: dict[str, Total]  # that the next run pays: what is not in the journal
    tokens_in: Total
    tokens_out: Total
    calls: Total


def costs_of(looked: Sequence[Looked], on: date) -> Costs:
    """Return what all documents take, by what those of the sample did."""

    def total(of: Callable[[Took], float]) -> Total:
        return estimate_total([_stratum(each, of) for each in looked])

    asked = [took for each in looked for took in each.took]
    left = {}
    for tier in TIERS:
        rest = total(lambda took, tier=tier: 0.0 if took.paid_before else took.usd(tier, on))  # type: ignore[misc]
        known = sum(took.usd(tier, on) for took in asked if not took.paid_before)
        left[tier] = replace(rest, value=max(0.0, rest.value - known))
    return Costs(
        usd={tier: total(lambda took, tier=tier: took.usd(tier, on)) for tier in TIERS},  # type: ignore[misc]
        left_usd=left,
        tokens_in=total(lambda took: took.usage.prompt_tokens),
        tokens_out=total(lambda took: took.usage.output_tokens + took.usage.thought_tokens),
        calls=total(lambda took: len(took.responses)),
    )


def pages_of(looked: Sequence[Looked]) -> Total:
    """Return the pages of all documents, by those of what was read."""
    strata = []
    for each in looked:
        group = each.part.group
        asked = [Asked(1.0, pages) for pages in each.pages]
        strata.append(Stratum(group.kind, group.documents, [1.0] * len(asked), asked))
    return estimate_total(strata, pooled=False)


def _stratum(looked: Looked, of: Callable[[Took], float]) -> Stratum:
    group = looked.part.group
    pages = dict(zip((one.uri for one in looked.part.read), looked.pages, strict=True))
    asked = [
        Asked(pages[one.uri], of(took))
        for one, took in zip(looked.part.asked, looked.took, strict=True)
    ]
    return Stratum(group.kind, group.documents, looked.pages, asked)
