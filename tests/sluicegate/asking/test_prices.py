"""What responses cost: by tokens, by the prompt's length, by the day."""

from datetime import date
from decimal import Decimal

import pytest

from sluicegate.asking.prices import Price, cost_usd, total_usd
from sluicegate.asking.response import Response
from sluicegate.records import Usage

TODAY = date(2026, 11, 23)
MILLION = 10**6
PRICE = Price(Decimal(2), Decimal(10), Decimal("0.1"))
LONG = Price(Decimal(4), Decimal(18), Decimal("0.1"), above=200_000)
INTRODUCTORY = Price(Decimal(1), Decimal(5), Decimal("0.1"), until=TODAY)


def test_thoughts_are_billed_as_output_and_cached_tokens_at_their_share() -> None:
    """Each token is billed once, at its own price."""
    usage = Usage(MILLION, cached_tokens=400_000, output_tokens=100_000, thought_tokens=50_000)
    assert cost_usd(usage, [PRICE], TODAY) == Decimal("1.2") + Decimal("0.08") + Decimal("1.5")


@pytest.mark.parametrize(("prompt", "dollars"), [(200_000, "0.4"), (200_001, "0.800004")])
def test_the_first_price_that_holds_is_used(prompt: int, dollars: str) -> None:
    """A price for long prompts holds above its size, for the whole prompt."""
    assert cost_usd(Usage(prompt), [LONG, PRICE], TODAY) == Decimal(dollars)


def test_a_price_ends_after_its_last_day() -> None:
    """On the next day the next price of the list holds."""
    usage = Usage(output_tokens=MILLION)
    assert cost_usd(usage, [INTRODUCTORY, PRICE], TODAY) == 5
    assert cost_usd(usage, [INTRODUCTORY, PRICE], date(2026, 11, 24)) == 10


def test_where_no_price_holds_the_cost_is_unknown() -> None:
    """It is None, and not zero."""
    assert cost_usd(Usage(1), [], TODAY) is None
    assert cost_usd(Usage(1), [LONG], TODAY) is None


def test_each_response_is_priced_by_itself() -> None:
    """Two prompts of 150,000 tokens are not one of 300,000; one unknown makes the sum unknown."""
    short = Response("", "STOP", usage=Usage(150_000))

    def cost_of(response: Response) -> Decimal | None:
        return cost_usd(response.usage, [LONG, PRICE], TODAY)

    assert total_usd([short, short], cost_of) == Decimal("0.6")
    assert total_usd([], cost_of) == 0
    assert total_usd([short, short], lambda _: None) is None
