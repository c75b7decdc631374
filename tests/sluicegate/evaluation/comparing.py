"""Endings and truths that the tests of comparison share."""

import json
from decimal import Decimal
from typing import Any

from sluicegate.evaluation.change_report import change_report
from sluicegate.evaluation.changes import Changes
from sluicegate.evaluation.outcomes import Outcome
from sluicegate.evaluation.score_report import score_report
from sluicegate.evaluation.scores import Scores
from sluicegate.evaluation.scoring import Rules
from sluicegate.evaluation.truth import Truth, parse_truth
from sluicegate.pages import change_page, score_page
from sluicegate.records import Usage

HOSTILE = (
    "</style></script><script>alert('x')</script><img src=x onerror=\"alert(1)\">&lt; \x00\u202e"
)
_AT = "2026-01-01T12:34:56+00:00"
URI = "gs://bucket/in/{}.pdf"


def row(name: str = "a", at: str = "2026-01-01", warnings: Any = (), **values: Any) -> Outcome:
    """Return a row of a small document type."""
    return Outcome(
        document_uri=URI.format(name),
        at=at,
        run_id="r",
        values={"invoice_id": "A-1", "total": Decimal("1.50"), "lines": [], **values},
        warnings=tuple(warnings),
        model="gemini-x",
        document_type="invoice 1",
        usage=Usage(100, 0, 10, 1),
        cost_usd=Decimal("0.25"),
    )


def failure(name: str = "a", code: str = "encrypted", at: str = "2026-01-01") -> Outcome:
    """Return a failure."""
    return Outcome(URI.format(name), at, run_id="r", code=code, message=f"it is {code}")


def truth(name: str = "a.pdf", **fields: Any) -> Truth:
    """Return a truth, read as from its line."""
    found = parse_truth(json.dumps({"document": name, **fields}))
    assert found is not None
    return found


def hostile_change_page(text: str) -> str:
    """Return a comparison in which the text is everywhere that a document or a file has a say."""
    changes = Changes(5)
    changes.add([row(text)], [row(text, warnings=[text], invoice_id=text, **{text: text})])
    changes.add([row("b", lines=[{text: text}])], [row("b", lines=[])])
    changes.add([row("c")], [failure("c", text)])
    changes.add([failure("d", text)], [row("d")])
    changes.add([failure("e", text)], [failure("e")])
    changes.add([row("f")], [])
    return change_page(change_report(changes, text, text, _AT))


def hostile_score_page(text: str) -> str:
    """Return an evaluation in which the text is everywhere."""
    scores = Scores(5, Rules())
    known = truth(f"{text}.pdf", invoice_id="A", **{text: text})
    scores.add_pair(known, row(invoice_id=text, **{text: "x"}))
    scores.add_pair(truth("b.pdf", invoice_id="A"), failure("b", text))
    scores.add_pair(truth("c.pdf", expect=text), row("c", invoice_id=text))
    scores.add_unfound(truth(text))
    scores.add_ambiguous(truth(text))
    return score_page(score_report(scores, text, text, _AT))
