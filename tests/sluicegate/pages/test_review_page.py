"""The page of a review: what it may load, and that no text ends the element that it stands in."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pages import Holdings

from sluicegate.pages import review_page as module
from sluicegate.pages.review_page import as_data, review_page
from tests.sluicegate.evaluation.comparing import HOSTILE


def data(*, served: bool = False) -> dict[str, Any]:
    """Return the data of a review whose only document is all markup."""
    return {
        "documents": {HOSTILE: {"uri": HOSTILE, "values": ["<!--<script>", "\u2028", "\ud800"]}},
        "queues": {"worst": [HOSTILE], "random": []}, "shapes": {HOSTILE: []}, "served": served,
        "build": HOSTILE, "reviewer": HOSTILE,
    }  # fmt: skip


def test_no_text_becomes_markup() -> None:
    """The data stands in one element, whole; no element is added and none ended by it."""
    page = review_page(data())
    plain = review_page({**data(), "documents": {}, "build": "", "reviewer": ""})
    assert Holdings(page).tags == Holdings(plain).tags
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    assert json.loads(found[1]) == data()
    page.encode()


@pytest.mark.parametrize(("served", "connects"), [(False, False), (True, True)])
def test_the_page_runs_its_own_script_alone(*, served: bool, connects: bool) -> None:
    """By its hash: neither inline scripts nor evaluated ones nor any address but its own."""
    page = review_page(data(served=served))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert "unsafe" not in policy[1]
    assert "http" not in policy[1]
    assert policy[1].startswith("default-src &#x27;none&#x27;; script-src &#x27;sha256-")
    assert ("connect-src" in policy[1]) is connects


def test_the_script_makes_no_markup() -> None:
    """It never hands a text to the parser: that is what would let a document in."""
    folder = Path(module.__file__).parent / "review"
    script = "".join(path.read_text("utf-8") for path in folder.glob("*.js"))
    assert len(script) > 10_000
    for name in (
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval(",
        "Function(",
    ):
        assert name not in script
    assert "</script" not in script


def test_data_holds_no_character_that_ends_it() -> None:
    """Nor one that a browser takes for a comment."""
    assert not set("<>&") & set(as_data({HOSTILE: [HOSTILE]}))
