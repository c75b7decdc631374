"""Decisions as they are kept: the last one counts, a cut line is none, strangers are refused."""

import json

import pytest

from sluicegate.review.decisions import (
    corrections,
    decision_line,
    parse_decision,
    replay,
    truth_lines,
)

URIS = {"k": "gs://b/a.pdf"}


def sent(total: int, uri: str = "gs://b/a.pdf") -> str:
    """Return a decision as the page sends it."""
    line = {"document_uri": uri, "total": total}
    return json.dumps({"id": "k", "state": {"done": False}, "lines": [line]})


def test_the_last_decision_counts_and_a_cut_line_is_none() -> None:
    """What a machine wrote while its power went is passed over."""
    lines = [decision_line(parse_decision(sent(n), URIS)) for n in (1, 2, 3)]
    found = replay([*lines[:2], lines[2][:-9], b"\xff\n", b"[]\n"])
    assert [json.loads(text)["total"] for text in corrections(found.values())] == [2]


def test_both_kinds_of_files_are_read() -> None:
    """Of decisions the last ones; of lines of truth all."""
    decisions = [decision_line(parse_decision(sent(n), URIS)).decode() for n in (1, 2)]
    assert [line["total"] for line in truth_lines(decisions)] == [2]
    assert truth_lines(['{"document_uri": "a"}', "", '{"document_uri": "a", "n": 1}']) == [
        {"document_uri": "a"},
        {"document_uri": "a", "n": 1},
    ]


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", '{"id": "other", "state": {}, "lines": []}', '{"id": "k", "lines": []}',
        '{"id": "k", "state": {}, "lines": [1]}', sent(1, "gs://b/another.pdf"), "[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_decision_about_these_documents_is_refused(text: str) -> None:
    """A page can only speak of what is under review."""
    with pytest.raises(ValueError, match=r"."):
        parse_decision(text, URIS)


def test_any_text_stays_on_its_line() -> None:
    """Line separators and halves of characters in values break no line."""
    given = {"id": "k", "state": {"x": "\u2028\n\ud800"}, "lines": []}
    line = decision_line(parse_decision(json.dumps(given), URIS))
    assert line.count(b"\n") == 1
    assert replay([line])["k"].state == given["state"]
