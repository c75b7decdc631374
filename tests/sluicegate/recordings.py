"""Recorded replies of the services, one a line; they lie beside the repository."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

_FOLDER = Path(
    os.environ.get("SLUICEGATE_RECORDINGS")
    or Path(__file__).resolve().parents[2].parent / "shared" / "recordings"
)


@dataclass(frozen=True, slots=True)
class Recording:
    """One reply, what may be made of it, and what must hold besides."""

    id: str
    service: str
    status: int
    content_type: str
    body: bytes
    right: frozenset[str]
    extra: dict[str, str]


def recordings() -> list[Recording]:
    """Return every recording; none where the folder is absent."""
    file = _FOLDER / "replies.jsonl"
    if not file.exists():
        return []
    return [_recording(json.loads(line)) for line in file.read_text("utf-8").splitlines()]


def each() -> Any:
    """Return the parameters of a test of each recording; one skipped test where there are none."""
    found: list[Any] = [pytest.param(each, id=each.id) for each in recordings()]
    reason = f"there is no {_FOLDER}"
    return found or [pytest.param(None, marks=pytest.mark.skip(reason=reason))]


def _recording(line: dict[str, Any]) -> Recording:
    text = line["text"] if "text" in line else json.dumps(line["body"])
    return Recording(
        line["id"],
        line["service"],
        line["status"],
        line["content_type"],
        text.encode(),
        frozenset(line["right"]),
        line.get("extra") or {},
    )
