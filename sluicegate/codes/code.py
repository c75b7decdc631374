"""What is known of one code: whose fault it is, where it arises, what it means, what to do."""

from dataclasses import dataclass
from typing import Literal

Blame = Literal["document", "job"]
Stage = Literal["start", "match", "read", "prepare", "generate", "parse", "validate", "write"]


@dataclass(frozen=True, slots=True)
class Code:
    """One way for a document, or for a whole job, to fail.

    `retryable`: replaying the document, or running the same command again with nothing changed,
    may well succeed. The attributes after it are what behaviour goes by.
    """

    blame: Blame
    stage: Stage
    retryable: bool
    meaning: str
    remedy: str
    # Of this file alone: another of the same content may succeed.
    of_the_file: bool = False
    # By the service's word: one document alone can look like an outage or a refused job.
    by_the_service: bool = False
    # The answer was at fault, not the document: a fallback model may give a better one.
    of_the_model: bool = False
    # Of a job: it ends the calls, not the run. What was answered lands, the other documents wait.
    ends_calls: bool = False
    # Of a job: nothing is wrong, the run was told to end there. It lands, even if only failures.
    as_told: bool = False
