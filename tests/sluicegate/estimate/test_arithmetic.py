"""A price by arithmetic alone: the input is nearly known, the output lies between two guesses."""

from datetime import date

import pytest

from sluicegate.document_types.invoice import INVOICE
from sluicegate.estimate.arithmetic import roughly
from sluicegate.gemini.catalogue import load_catalogue
from tests.sluicegate.building import type_of

DAY = date(2026, 11, 27)
MODEL = load_catalogue().get("gemini-3.1-flash-lite")


def test_the_input_is_pages_prompt_and_schema() -> None:
    """Pages by the resolution that is asked for; the text of PDFs makes the upper end."""
    kind = type_of({"a": {"type": "string"}}, options={"media_resolution": "low"})
    found = roughly(100, {"pdf": 300.0, "image": 10.0}, kind, MODEL, DAY).tokens_in
    assert 310 * 280 < found.low < 310 * 280 + 100 * 100
    assert found.high == pytest.approx(found.low + 300 * 800)


def test_dollars_are_by_tier_and_hold_a_likely_answer() -> None:
    """Flex and batch are half; an invoice of 150 tokens of output lies between both ends."""
    found = roughly(1_000, {"pdf": 1_500.0}, INVOICE, MODEL, DAY)
    assert found.usd["flex"].low == pytest.approx(found.usd["standard"].low / 2, rel=0.01)
    assert found.usd["batch"] == found.usd["flex"]
    likely = (found.tokens_in.low * 0.25 + 1_000 * 150 * 1.5) / 1e6
    assert found.usd["standard"].low < likely < found.usd["standard"].high


def test_thinking_that_is_told_narrows_the_guess() -> None:
    """A model that is told to think little cannot think eight times its answer."""
    free = type_of({"a": {"type": "string"}})
    told = type_of({"a": {"type": "string"}}, options={"thinking_level": "minimal"})
    ends = [roughly(10, {"pdf": 10.0}, each, MODEL, DAY).tokens_out for each in (free, told)]
    assert ends[0].low == ends[1].low
    assert ends[0].high == pytest.approx(8 * ends[1].high, rel=0.01)
