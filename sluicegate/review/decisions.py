"""Decisions as they are kept, and the lines of truth that they are worth.

A review that is served appends a line for each decision: the whole state of the document as the
page has it, and its lines of truth. The last line of a document counts. A file of such lines and
the file that the page saves (lines of truth alone) are read by the same function.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

Line = dict[str, Any]


class Decision(NamedTuple):
    """What is known of a document after a decision: its state, and its lines of truth."""

    id: str
    uri: str
    state: dict[str, Any]
    lines: list[Line]


def parse_decision(text: str | bytes, uris: Mapping[str, str]) -> Decision:
    """Read what the page sends; raise ValueError for what is no decision about these documents.

    `uris` are the documents under review, by id: a line of truth about another is refused.
    """
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from None
    if not isinstance(given, dict):
        raise ValueError("not an object")
    key, state, lines = given.get("id"), given.get("state"), given.get("lines")
    if not isinstance(key, str) or key not in uris:
        raise ValueError("a document that is not under review")
    if not isinstance(state, dict) or not isinstance(lines, list):
        raise ValueError("a state and lines are needed")
    for line in lines:
        if not isinstance(line, dict) or line.get("document_uri") != uris[key]:
            raise ValueError("a line about another document")
    return Decision(key, uris[key], state, lines)


def decision_line(decision: Decision) -> bytes:
    """Return a decision as one line, ASCII, with the newline."""
    return json.dumps(decision._asdict(), ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def replay(lines: Iterable[bytes]) -> dict[str, Decision]:
    """Return the last decision about each document.

    A line that is cut, as the last one of a machine that lost its power, is passed over.
    """
    found: dict[str, Decision] = {}
    for line in lines:
        try:
            given = json.loads(line)
            decision = Decision(given["id"], given["uri"], given["state"], given["lines"])
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
        found[decision.id] = decision
    return found


def corrections(decisions: Iterable[Decision]) -> Iterator[str]:
    """Yield the lines of truth of decisions, each with its newline."""
    for decision in decisions:
        for line in decision.lines:
            yield json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"


def truth_lines(texts: Iterable[str]) -> list[Line]:
    """Return the lines of truth of a file of either kind; of decisions the last ones.

    Raises ValueError with the number of a line that is neither.
    """
    plain: list[Line] = []
    decided: dict[str, list[Line]] = {}
    for number, text in enumerate(texts, 1):
        if not text.strip():
            continue
        try:
            given = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"line {number} is not JSON: {error}") from None
        if not isinstance(given, dict):
            raise ValueError(f"line {number} is not an object")
        if isinstance(given.get("lines"), list) and "document_uri" not in given:
            decided[str(given.get("id"))] = [
                each for each in given["lines"] if isinstance(each, dict)
            ]
        else:
            plain.append(given)
    return [*plain, *(line for lines in decided.values() for line in lines)]
