"""The paths under ``/_control``, with which a test or a person steers and reads the stand-in."""

import json
import time
from urllib.parse import parse_qs

from emulators.gemini.refusals import Reply, error, invalid
from emulators.gemini.service import Service

PREFIX = "/_control/"


def control(service: Service, method: str, path: str, query: str, body: bytes) -> Reply:
    """Answer a request under `PREFIX`."""
    options = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
    match method, path.removeprefix(PREFIX):
        case "GET", "stats":
            return Reply.of(service.tally.snapshot(documents="documents" in options))
        case "GET", "requests":
            records = list(service.tally.records)
            limit = int(options.get("limit", len(records)))
            last = records[max(0, len(records) - limit) :]
            return Reply.of([record.as_json() for record in last])
        case "GET", "jobs":
            return Reply.of(service.batches.everything())
        case "GET", "timeline":
            return Reply.of(service.accounts.as_json(time.monotonic()))
        case "GET", "behaviour":
            return Reply.of(service.behaviour.as_json())
        case "POST", "behaviour":
            try:
                given = json.loads(body)
                if not isinstance(given, dict):
                    return invalid("expected a JSON object of settings")
                service.behave(service.behaviour.changed(given))
            except ValueError as cause:
                return invalid(str(cause))
            return Reply.of(service.behaviour.as_json())
        case "POST", "reset":
            service.reset()
            return Reply.of({})
    return error(404, "NOT_FOUND", f"{method} {path} is not a control of the stand-in")
