"""The table of what documents cost is made from the catalogue."""

from sluicegate.gemini.price_list import reference
from sluicegate.records import Usage


def test_the_table_has_what_the_catalogue_says() -> None:
    """A line a model that can be had; flex and batch at half, by the tokens that were given."""
    lines = reference(Usage(790, output_tokens=164), 1_000_000).splitlines()
    assert lines[0] == "| model | standard | flex | batch |"
    # 790 x 0.25 + 164 x 1.50 dollars, and half of it.
    assert "| gemini-3.1-flash-lite | $444 | $222 | $222 |" in lines
    assert not any("gemini-1.5" in line or "gemini-2.0" in line for line in lines)
    assert "| gemini-3.1-flash-lite | $4.44 |" in reference(Usage(790, 0, 164), 10_000)
