"""Documents of several records: what a model is to answer about each, and a stand-in that does."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from support import sha256

from emulators.gemini import Behaviour, GeminiEndpoint
from emulators.gemini.exact_json import Verbatim

GOOD = "good"
BAD = "without its total"


def answer(name: str, records: Sequence[str], **changes: Any) -> str:
    """Return an answer about a document with these records, all on its one page."""
    listed = [
        {
            "first_page": 1,
            "last_page": 1,
            "values": {
                "invoice_id": f"{name}-{number}",
                "vendor_name": f"Vendor {number}",
                "total_amount": None if how == BAD else number + 0.25,
                "currency": "EUR",
                "invoice_date": "2026-02-28",
                "line_items": [{"description": f"item {number}", "total": number + 0.25}],
            },
        }
        for number, how in enumerate(records)
    ]
    told = {"record_count": len(listed), "records": listed, "set_aside": []}
    return json.dumps(told | changes)


class Scripted:
    """What is answered about each document, by its name; it may change between two runs."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._names = {sha256(path): path.name for path in paths}
        self.texts: dict[str, str] = {}

    def say(self, records: Mapping[Path, Sequence[str]]) -> None:
        """Give each document so many records, good or bad."""
        self.texts = {path.name: answer(path.stem, each) for path, each in records.items()}

    def endpoint(self) -> GeminiEndpoint:
        """Return the stand-in."""

        def read(parts: Sequence[tuple[str, bytes]], schema: dict[str, Any]) -> Verbatim:
            return Verbatim(self.texts[self._names[hashlib.sha256(parts[0][1]).hexdigest()]])

        return GeminiEndpoint(Behaviour(), reader=read)
