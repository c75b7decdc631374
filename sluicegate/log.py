"""The log of a run: few lines, each with its event and run id, none with content.

A line is a sentence for people, followed by the same facts as JSON, for filters:

    journal entry gs://…/ab12.json.gz is damaged {"event": "journal_damaged", "run_id": "…"}

On Dataflow such lines are in Cloud Logging; the command line shows the sentence alone. Document
names, answers and keys do not belong here; a run of millions of documents logs a dozen lines.
"""

import json
import logging
import threading
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

# Lines of one event, run and process. What happens more often is for a counter, not for the log.
MAX_LINES = 20

# The logger of job faults. The command says at its end why its job failed, and so mutes it.
FAULTS = "sluicegate.faults"
_LOG = logging.getLogger("sluicegate")
_FAULTS = logging.getLogger(FAULTS)
_LOGGED: Counter[tuple[str, str]] = Counter()  # by run and event
_LOCK = threading.Lock()


class EventKind(Enum):
    """Every event that a run may log, with its level and when it is logged.

    An event's name in the log is the member's in lower case. An ERROR is a fault of the job.
    """

    ENGINE_STARTED = (logging.INFO, "a worker process is ready; with model, rate and caps")
    JOURNAL_DAMAGED = (
        logging.WARNING,
        "an entry of the journal cannot be read; its document is asked about again",
    )
    LOAD_LOST = (
        logging.WARNING,
        "a load that an earlier launch left open did not land; its documents are landed anew",
    )
    ROWS_DAMAGED = (
        logging.WARNING,
        "a file of earlier rows is damaged and counts as absent; its documents are done again",
    )
    REPLAY_LINE_UNUSABLE = (
        logging.WARNING,
        "a line of a failure file is no failure record and is passed over; with file and line",
    )
    RATE_LIMIT_SERVICE_SILENT = (
        logging.WARNING,
        "`--rate_limit_service` does not answer, and calls wait; with the reason",
    )
    RATE_LIMIT_MISSING = (
        logging.WARNING,
        "it answers, but names no limit for what it was asked: calls may not be capped",
    )
    BATCH_JOB = (
        logging.WARNING,
        "a batch job is not as it should be: old, cut short, not found; with what is done about it",
    )
    BATCH_WINDOWS = (
        logging.INFO,
        "how many documents of a run with batch jobs are asked about by calls, in windows; once",
    )
    OTHER_TIER = (
        logging.WARNING,
        "answers are billed at another tier than `--processing` names; with both tiers",
    )
    JOB_FAULT = (logging.ERROR, "the run cannot go on; with the reason and its code")
    RUN_SUMMARISED = (logging.INFO, "the ledger is done; with counts and cost")

    @property
    def level(self) -> int:
        """One of `logging`'s levels."""
        return self.value[0]

    @property
    def when(self) -> str:
        """When it is logged, and what it says."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the log; as text, the sentence and its facts."""

    sentence: str
    facts: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Render the sentence, and the facts as JSON."""
        return f"{self.sentence} {json.dumps(self.facts, ensure_ascii=False, default=str)}"


def log_event(event: EventKind, sentence: str, run_id: str, **facts: Any) -> None:
    """Log a line, unless the process has logged this event of the run `MAX_LINES` times.

    The last line of an event says that it is the last.
    """
    name = event.name.lower()
    with _LOCK:
        _LOGGED[run_id, name] += 1
        logged = _LOGGED[run_id, name]
    if logged > MAX_LINES:
        return
    if logged == MAX_LINES:
        facts["more"] = "not logged"
    logger = _FAULTS if event.level >= logging.ERROR else _LOG
    logger.log(event.level, Event(sentence, {"event": name, "run_id": run_id, **facts}))


def reference() -> str:
    """Return the table of events, in Markdown."""
    rows = (
        f"| `{event.name.lower()}` | {logging.getLevelName(event.level)} | {event.when} |"
        for event in EventKind
    )
    return "\n".join(("| event | level | when |", "|---|---|---|", *rows, ""))
