"""Input files: lines of keys and requests."""

import json
from typing import Any

from emulators.gemini.batches.job import Row
from emulators.gemini.paths import Call
from emulators.gemini.refusals import Refused, invalid
from emulators.gemini.request import parse_request


def rows_of(data: bytes, call: Call) -> list[Row]:
    """Return the rows of an input; raises `Refused` for a line that the API does not know."""
    rows = []
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        try:
            found: Any = json.loads(line)
            key, request = found["key"], found["request"]
        except (ValueError, KeyError, TypeError) as cause:
            message = f"Line {number} of the input is not a key and a request: {cause!r}"
            raise Refused(invalid(message)) from cause
        parse_request(request, call)
        rows.append(Row(str(key), request))
    return rows
