"""What a run says in its log: few lines, each with its event and run id, none with content.

A line is a sentence for people and the same facts as JSON behind it, for filters:

    journal entry gs://…/ab12.json.gz is damaged {"event": "journal_damaged", "run_id": "…"}

On Dataflow such lines are in Cloud Logging; the command line shows the sentence alone. Document
names, answers and keys do not belong here: a run of millions of documents is a dozen lines.
"""

import json
import logging
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

# Lines of one event, run and process. What happens more often is in a counter, not in the log.
MAX_LINES = 20

# The command says at its end what its job died of: it mutes this one.
FAULTS = "sluicegate.faults"
_LOG = logging.getLogger("sluicegate")
_FAULTS = logging.getLogger(FAULTS)
_SAID: Counter[tuple[str, str]] = Counter()
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the log. As text it is the sentence and its facts; `sentence` is for people."""

    sentence: str
    facts: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Render the sentence, and the facts as JSON."""
        return f"{self.sentence} {json.dumps(self.facts, ensure_ascii=False, default=str)}"


def log_event(level: int, event: str, sentence: str, run_id: str, **facts: Any) -> None:
    """Log a line, as long as the process has not said this of the run too often.

    `level` is one of `logging`'s. An ERROR is a fault of the job. The last line that is allowed
    says that it is the last.
    """
    with _LOCK:
        _SAID[run_id, event] += 1
        said = _SAID[run_id, event]
    if said > MAX_LINES:
        return
    if said == MAX_LINES:
        facts["more"] = "not logged"
    logger = _FAULTS if level >= logging.ERROR else _LOG
    logger.log(level, Event(sentence, {"event": event, "run_id": run_id, **facts}))
