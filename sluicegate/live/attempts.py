"""The calls that were made for one document."""

from dataclasses import dataclass


@dataclass
class Attempts:
    """One document's calls so far, and how they ended. Mutable; owned by its task."""

    calls: int = 0
    transient_errors: int = 0  # those of an outage left out
    rejections: int = 0  # 429
    first_rejected_at: float | None = None
    rejected_last: bool = False  # the last reply was a 429
    troubles_of_all: int = 0  # that say themselves that they pass
    first_trouble_of_all_at: float | None = None
    token_renewed: bool = False  # called once more with a new access token
    failed_alone: bool = False  # it once failed while others did not: no evidence about the job
