"""Response schemas that came before: each is checked once, and its canned answers prepared once."""

import json
from typing import Any

from emulators.gemini.canned import CannedAnswers
from emulators.gemini.paths import Call
from emulators.gemini.request import GenerateRequest
from emulators.gemini.schema_check import check_schema

_REMEMBERED = 1000


class Schemas:
    """What is known of the schemas that requests brought; used by one thread."""

    def __init__(self, most_states: int | None) -> None:
        self._most_states = most_states
        self._good: set[tuple[bool, bool, str]] = set()
        self._canned: dict[str, CannedAnswers] = {}

    @staticmethod
    def key(request: GenerateRequest) -> str:
        """Return what a request's schema is known by, "" for none."""
        return json.dumps(request.schema) if request.schema is not None else ""

    def check(self, call: Call, request: GenerateRequest, key: str) -> None:
        """Refuse what the API refuses in a schema; raises `Refused`."""
        seen = (call.vertex, request.json_schema, key)
        if request.schema is None or seen in self._good:
            return
        check_schema(
            request.schema,
            json_schema=request.json_schema,
            vertex=call.vertex,
            most_states=self._most_states,
        )
        if len(self._good) < _REMEMBERED:
            self._good.add(seen)

    def canned_answer(self, schema: dict[str, Any] | None, key: str, identity: str) -> Any:
        """Return the answer to a document that nobody reads."""
        if not schema:
            return {}
        found = self._canned.get(key)
        if found is None:
            found = CannedAnswers(schema)
            if key and len(self._canned) < _REMEMBERED:
                self._canned[key] = found
        return found.answer(identity)
