"""Prices: what a response costs, by its tokens, its prompt's length and the day."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sluicegate.asking.response import Response
from sluicegate.records import Usage

_MILLION = Decimal(1_000_000)
_CENT_BILLIONTH = Decimal("0.000000001")  # the scale of BigQuery's NUMERIC

# Dollars of one response; None where no price is known.
CostOf = Callable[[Response], Decimal | None]


@dataclass(frozen=True, slots=True)
class Price:
    """USD per million tokens, where and while it holds."""

    input: Decimal
    output: Decimal
    cached_share: Decimal  # of the input price, for cached prompt tokens
    until: date | None = None  # last day
    above: int = 0  # prompt tokens beyond which it holds; 0: always

    def holds(self, prompt_tokens: int, on: date) -> bool:
        """Return whether this is the price of such a prompt on that day."""
        in_time = self.until is None or on <= self.until
        return in_time and (not self.above or prompt_tokens > self.above)

    def cost_usd(self, usage: Usage, tier_share: Decimal = Decimal(1)) -> Decimal:
        """Return the dollars of one response: thoughts as output, cached tokens at their share.

        `tier_share` is what the tier that served it costs of the standard price. Cached tokens cost
        the same in every tier, which is the dearer reading of the price lists.
        """
        fresh = usage.prompt_tokens - usage.cached_tokens
        total = (
            fresh * self.input * tier_share
            + usage.cached_tokens * self.input * self.cached_share
            + (usage.output_tokens + usage.thought_tokens) * self.output * tier_share
        )
        return (total / _MILLION).quantize(_CENT_BILLIONTH)


def cost_usd(
    usage: Usage, prices: Iterable[Price], on: date, tier_share: Decimal = Decimal(1)
) -> Decimal | None:
    """Return the dollars of one response at the first of the prices that holds on that day.

    None where none holds; a sum of unknowns must not look like zero.
    """
    for price in prices:
        if price.holds(usage.prompt_tokens, on):
            return price.cost_usd(usage, tier_share)
    return None


def total_usd(responses: Iterable[Response], cost_of: CostOf) -> Decimal | None:
    """Return the dollars of several responses; None where one of them has no price.

    Each is priced by itself: prices have steps by prompt size, days, and tiers that served.
    """
    total = Decimal(0)
    for response in responses:
        cost = cost_of(response)
        if cost is None:
            return None
        total += cost
    return total
