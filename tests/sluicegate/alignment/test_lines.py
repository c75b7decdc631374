"""Items of two lists find their counterparts, in bounded time."""

import random
import time
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sluicegate.alignment.lines import MAX_ASSIGNED, pair_items

ITEMS = st.lists(
    st.fixed_dictionaries(
        {
            "description": st.none() | st.sampled_from(["bolt", "Bolt 8 mm", "nut", "washer"]),
            "total": st.none() | st.integers(0, 3).map(Decimal),
        }
    ),
    max_size=6,
)


@given(ITEMS, ITEMS)
def test_every_item_is_accounted_for(before: list[Any], after: list[Any]) -> None:
    """Each item of either list is in one pair, or is without counterpart."""
    pairing = pair_items(before, after)
    assert sorted([i for i, _ in pairing.pairs] + pairing.only_before) == list(range(len(before)))
    assert sorted([j for _, j in pairing.pairs] + pairing.only_after) == list(range(len(after)))


@given(ITEMS, st.randoms(use_true_random=False))
def test_order_means_nothing(items: list[Any], chance: random.Random) -> None:
    """A list in another order pairs completely with itself, equal with equal."""
    mixed = items[:]
    chance.shuffle(mixed)
    pairing = pair_items(items, mixed)
    assert all(items[i] == mixed[j] for i, j in pairing.pairs)
    assert len(pairing.pairs) == len(items)


def line(description: str | None, quantity: str | None, amount: str | None) -> dict[str, Any]:
    """Return a line of an invoice."""
    return {
        "description": description,
        "quantity": quantity and Decimal(quantity),
        "total": amount and Decimal(amount),
    }


def test_lines_are_known_by_their_name_and_their_numbers() -> None:
    """A renamed line, one with new numbers and one in between are told apart."""
    before = [line("Garden soil 40 l", "9", "360.81"), line("Steel bracket", "7", "492.45")]
    after = [
        line("Delivery", "1", "20.00"),
        line("Steel bracket", "8", "562.80"),
        line("Garden soi1 4O l", "9", "360.81"),
    ]
    assert pair_items(before, after)[:3] == ([(0, 2), (1, 1)], [], [0])


def test_lines_with_nothing_in_common_are_not_forced_together() -> None:
    """One line went and another came: that the quantities are both 1 makes them no pair."""
    pairing = pair_items([line("Rent", "1", "900")], [line("Window", "1", "310.20")])
    assert pairing[:3] == ([], [0], [0])


def test_numbers_that_the_truth_writes_as_text_are_numbers() -> None:
    """A total of "20.50" belongs to the line with 20.5."""
    truth = [{"total": "20.50"}, {"total": "7.00"}]
    assert pair_items(truth, [{"total": Decimal(7)}, {"total": Decimal("20.5")}]).pairs == [
        (0, 1),
        (1, 0),
    ]


def test_hostile_lists_take_seconds_not_hours() -> None:
    """Ten thousand lines that all differ are paired within seconds, and it is said how."""
    chance = random.Random(1)

    def lines() -> list[dict[str, Any]]:
        return [line(f"{chance.random():.17f}" * 20, "1", f"{i}.01") for i in range(10_000)]

    started = time.process_time()
    pairing = pair_items(lines(), lines())
    assert pairing.capped
    assert time.process_time() - started < 20


def test_long_lists_that_hardly_differ_are_paired_at_their_best() -> None:
    """What is equal takes no part in the limit: only what differs counts."""
    before = [line(f"Item {i}", "1", f"{i}.5") for i in range(5000)]
    after = before[::-1]
    after[0] = line("Item 4999", "2", "4999.5")
    pairing = pair_items(before, after)
    assert not pairing.capped
    assert (4999, 0) in pairing.pairs
    assert len(pairing.pairs) == 5000
    assert MAX_ASSIGNED < 5000
