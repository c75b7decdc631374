"""The standard way: answered at once, at the full price. It adds nothing to a request."""

from sluicegate.gemini.processing.way import Way

STANDARD = Way(
    tier="standard",
    body={},
    headers={},
    timeout_seconds={"developer": 300.0, "vertex": 300.0},
    deadline_seconds=3600.0,
    patience_seconds=600.0,
    max_in_flight=400,
)
