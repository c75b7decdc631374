"""The pages: everything in the report is on them, and nothing of a document becomes markup."""

import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from pages import Holdings

from sluicegate.evaluation.change_report import change_report
from sluicegate.evaluation.changes import Changes
from sluicegate.evaluation.score_report import score_report
from sluicegate.evaluation.scores import Scores
from sluicegate.evaluation.scoring import Rules
from sluicegate.pages import change_page, score_page
from sluicegate.pages.html import Markup, tag
from sluicegate.pages.parts import marked
from tests.sluicegate.evaluation.comparing import (
    HOSTILE,
    failure,
    hostile_change_page,
    hostile_score_page,
    row,
    truth,
)

ALLOWED = (
    "bdi b body code del details div h1 h2 head header html i ins li main meta p section small "
    "span style summary table tbody td th thead title tr ul"
)
AT = "2026-01-01T12:34:56+00:00"


@pytest.mark.parametrize("page", [hostile_change_page, hostile_score_page])
def test_nothing_that_a_document_says_becomes_markup(page: Any) -> None:
    """Scripts, handlers and broken tags in values, names and codes are text on the page."""
    html = page(HOSTILE)
    found = Holdings(html)
    assert found.open == []
    assert set(found.tags) <= set(ALLOWED.split())
    assert found.attributes <= {
        "lang", "charset", "http-equiv", "content", "name", "class", "style", "title", "open",
    }  # fmt: skip
    assert "alert('x')" in found.text
    assert "\x00" not in html
    assert len(found.tags) == len(Holdings(page("plain")).tags) + _marks(html) - _marks(
        page("plain")
    )


def _marks(html: str) -> int:
    """Count the marks of what differs."""
    return len(re.findall(r"<(?:del|ins)>", html))


@pytest.mark.parametrize("page", [hostile_change_page, hostile_score_page])
def test_a_page_needs_nothing_but_itself(page: Any) -> None:
    """No address is loaded from anywhere, and a policy forbids what might slip in."""
    html = unescape(page("plain"))
    assert "default-src 'none'" in html
    assert not re.search(r"(?i)(src|href)=|url\(|@import|https?://", html)


def test_the_figures_of_a_comparison_are_on_its_page() -> None:
    """What a reader wants first is in the heading, the rest in the tables."""
    changes = Changes(5)
    changes.add([row("a", total=Decimal("1.5"))], [row("a", total=Decimal("2.5"))])
    changes.add([row("b")], [failure("b", "schema_mismatch")])
    text = Holdings(change_page(change_report(changes, "run A", "run B", AT))).text
    assert "1 of 1 row differ; 1 document regressed" in text
    assert "2026-01-01 12:34 UTC" in text
    for part in ("run A", "run B", "schema_mismatch", "it is schema_mismatch", "gemini-x"):
        assert part in text


def test_what_differs_is_marked_word_by_word() -> None:
    """Only the words that differ are marked, and null is told from text."""
    left, right = marked("Garden soil 40 l", "Garden soil 401")
    assert "Garden soil <del>40 l</del>" in left
    assert "Garden soil <ins>401</ins>" in right
    assert "null" in marked(None, "x")[0]


def test_only_markup_is_markup() -> None:
    """Text is escaped in content and attributes; a name of a control character is shown."""
    assert tag("p", "<b>&", title='"<') == '<p title="&quot;&lt;">&lt;b&gt;&amp;</p>'
    assert tag("p", Markup("<b>")) == "<p><b></p>"
    assert tag("p", "\x1b[0m") == "<p>␛[0m</p>"


def test_all_wrong_documents_are_on_the_page_folded() -> None:
    """One title to click; each document with the fields that are wrong, or why it failed."""
    scores = Scores(1, Rules())
    for number in range(9):
        scores.add_pair(truth(invoice_id="A-1"), row(f"in/{number}.pdf", invoice_id="B"))
    scores.add_pair(truth(invoice_id="A-1"), failure("in/failed.pdf"))
    html = score_page(score_report(scores, "rows", "truth", AT))
    _, _, listed = html.partition("<details><summary>All 10</summary>")
    listed = Holdings(listed.partition("</details>")[0]).text
    for number in range(9):
        assert f"in/{number}.pdf" in listed
    assert listed.count("invoice_id wrong") == 9
    assert "encrypted: it is encrypted" in listed
    assert "0.0% right: 0 of 10 values of the truth; 0.0% of the 9 that have a row" in html
