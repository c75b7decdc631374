"""A model in memory that reads the pages it is sent, and documents of several pages."""

import re
from dataclasses import dataclass
from typing import Any

from emulators.gemini.exact_json import dumps
from emulators.gemini.lies import told
from emulators.reader import read_fields
from samples.statements import make_statement
from sluicegate.asking.response import Reply, Response
from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.load import load_document_type
from sluicegate.gemini.response_schema import response_schema
from sluicegate.media.prepare import Part
from tests.sluicegate.live.in_memory import USAGE, Gemini

STATEMENT = load_document_type("bank_statement", window_pages=2)
SAMPLE = make_statement(4, 1, rows=36, pages=6)
_PAGES = re.compile(r"pages (\d+) to (\d+) of")


@dataclass
class Reader(Gemini):
    """Answers with what the pages say, unless the script has something else."""

    kind: DocumentType = STATEMENT
    lie: str = ""  # told of every answer

    async def generate(self, parts: tuple[Part, ...], max_output_tokens: int) -> Reply:
        """Read the pages; say nothing that is not on them."""
        self.always = Response(self.read(parts), "STOP", usage=USAGE, model_version="m-001")
        return await super().generate(parts, max_output_tokens)

    def read(self, parts: tuple[Part, ...]) -> str:
        """Return the text of the answer."""
        files = [(part.media_type, part.data) for part in parts if part.data]
        partial = any(part.text for part in parts)
        value: Any = read_fields(files, response_schema(self.kind), partial=partial)
        return dumps(told(self.lie, value) if self.lie else value)

    @property
    def windows(self) -> list[tuple[int, int]]:
        """The pages that were asked about, by call; those of a whole document are (0, 0)."""
        return [_window(parts) for parts, _ in self.calls]


def _window(parts: tuple[Part, ...]) -> tuple[int, int]:
    found = next((match for part in parts if (match := _PAGES.search(part.text))), None)
    return (int(found[1]), int(found[2])) if found else (0, 0)
