"""What a call may cost: its input by its pages, its output by those before."""

import random

import pytest

from sluicegate.asking.call_cost import CallCost
from sluicegate.records import Usage

LIMIT = 8192


def learnt(count: int, pages: int = 1) -> CallCost:
    """Return what is known after so many calls with outputs of all lengths."""
    cost, draw = CallCost(4_000, LIMIT), random.Random(1)
    for _ in range(count):
        output = int(draw.lognormvariate(5, 0.5))
        cost.learn(pages, Usage(1_000 + 560 * pages, 0, output - output // 3, output // 3))
    return cost


def test_before_any_call_it_is_the_limit() -> None:
    """And pages at the highest resolution; of a document by reference, ten of them."""
    cost = CallCost(4_000, LIMIT)
    assert not cost.knows_output
    assert cost.most(3, LIMIT) == Usage(1_000 + 3 * 2240, 0, LIMIT)
    assert cost.most(0, LIMIT).prompt_tokens == 1_000 + 10 * 2240


def test_after_some_it_is_the_largest_and_a_margin() -> None:
    """Few calls have seen no rare one."""
    cost = learnt(10)
    assert cost.knows_output
    draw = random.Random(1)
    largest = max(int(draw.lognormvariate(5, 0.5)) for _ in range(10))
    assert cost.most(1, LIMIT).output_tokens == int(1.5 * largest)


def test_after_many_it_is_what_one_in_a_hundred_passes() -> None:
    """The true percentile, at most 9 % more; thoughts are output."""
    cost, draw = learnt(5_000), random.Random(1)
    outputs = sorted(int(draw.lognormvariate(5, 0.5)) for _ in range(5_000))
    true = outputs[4_949]
    assert true <= cost.most(1, LIMIT).output_tokens <= 1.1 * true
    assert cost.least() == cost.most(1, LIMIT)


def test_input_goes_by_pages() -> None:
    """Beyond the prompt that all share; where nobody counted pages, by whole documents."""
    cost = learnt(200, pages=4)
    assert cost.most(100, LIMIT).prompt_tokens == pytest.approx(1_000 + 100 * 560, rel=0.1)
    cost.learn(0, Usage(20_000))
    assert cost.most(0, LIMIT).prompt_tokens == 30_000


def test_a_call_with_a_higher_limit_is_expected_to_use_it() -> None:
    """It is made since an answer was cut at the usual one."""
    assert learnt(500).most(1, 4 * LIMIT).output_tokens == 4 * LIMIT
