"""One batch job: its states on a clock, its rows and what it returns."""

import asyncio
import json
import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from emulators.gemini.fault_plan import position

# In the words of both services, behind JOB_STATE_ and BATCH_STATE_.
PENDING, RUNNING, SUCCEEDED, PARTIAL = "PENDING", "RUNNING", "SUCCEEDED", "PARTIALLY_SUCCEEDED"
FAILED, CANCELLED, EXPIRED = "FAILED", "CANCELLED", "EXPIRED"
ENDED = frozenset({SUCCEEDED, PARTIAL, FAILED, CANCELLED, EXPIRED})


class LostReply(Exception):  # noqa: N818 - what happens to it
    """What was asked for is done, and the connection breaks before the reply."""


@dataclass
class Row:
    """A request of a job, and its answer: a body, or an error."""

    key: str
    request: dict[str, Any]
    response: dict[str, Any] | None = None
    error: dict[str, Any] | None = None

    @property
    def is_done(self) -> bool:
        """Whether it was answered, or failed."""
        return self.response is not None or self.error is not None


@dataclass
class BatchJob:
    """A job. Mutable; used by one event loop."""

    name: str
    display_name: str
    model: str
    project: str  # who may see it
    rows: list[Row]
    faults: dict[str, float] = field(default_factory=dict)
    destination: str = ""  # Vertex AI: where results go
    state: str = PENDING
    created: float = field(default_factory=time.time)
    ended: float = 0.0
    error: tuple[int, str] | None = None
    output: str = ""  # where results are, once they are
    cancelling: asyncio.Event = field(default_factory=asyncio.Event)
    hurrying: asyncio.Event = field(default_factory=asyncio.Event)  # time passes no more
    task: "asyncio.Task[None] | None" = None

    @property
    def has_ended(self) -> bool:
        """Whether its state is the last one."""
        return self.state in ENDED

    @property
    def succeeded(self) -> int:
        """Rows that were answered."""
        return sum(row.response is not None for row in self.rows)

    @property
    def failed(self) -> int:
        """Rows with an error."""
        return sum(row.error is not None for row in self.rows)

    def end(self, state: str, error: tuple[int, str] | None = None) -> None:
        """Take it to its last state."""
        self.state, self.error, self.ended = state, error, time.time()

    def hit(self, fault: str, row: Row) -> bool:
        """Whether a fault of rows hits this one: the same rows every time."""
        return position(fault, row.key) < self.faults.get(fault, 0.0)

    def returned(self) -> list[tuple[Row, dict[str, Any]]]:
        """Return the rows of its results with changes to their lines; the order says nothing."""
        found: list[tuple[Row, dict[str, Any]]] = []
        for row in self.rows:
            if not row.is_done or self.hit("missing", row):
                continue
            found.append((row, {}))
            if self.hit("doubled", row):
                found.append((row, {}))
            if self.hit("contradicting", row) and row.response:
                found.append((row, {"response": _other(row.response)}))
        if "foreign_key" in self.faults and found:
            found.append((found[0][0], {"key": "r-" + "0" * 64}))
        random.Random(self.name).shuffle(found)
        return found


def written(moment: float) -> str:
    """Return a moment as both services write it."""
    return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")


def _other(response: dict[str, Any]) -> dict[str, Any]:
    changed: dict[str, Any] = json.loads(json.dumps(response))
    for candidate in changed.get("candidates", []):
        candidate["content"] = {"role": "model", "parts": [{"text": '{"another": "answer"}'}]}
    return changed
