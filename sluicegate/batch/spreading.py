"""Spreading: which bucket a document is written in, by its request's identity. Pure.

A bucket becomes a shard, or several where it is fuller than a job takes. Documents of one content
have one identity, and so one bucket and one request.
"""

import math
from dataclasses import dataclass

from sluicegate.batch.board import Canary

CANARY = "canary"
# Of a job's room so much is aimed at: buckets are of unequal size, and what overflows is a job.
_FILL = 0.9
# Of a canary's size so much is aimed at: of 80 one in a hundred draws has more than 100.
_CANARY_FILL = 0.8
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Spread:
    """How so many documents are spread over jobs of so many."""

    documents: int
    room: int  # of a job
    canary: Canary
    canary_size: int

    def bucket(self, identity: str) -> str | None:
        """Return the bucket of an identity; None where it is held back for now."""
        place = int(identity[:_DIGITS], 16) / 16**_DIGITS
        if self.canary in ("asked", "failed"):
            return None
        if self.canary == "none":
            share = self.canary_size * _CANARY_FILL / max(1, self.documents)
            return CANARY if self.documents <= self.canary_size or place < share else None
        buckets = math.ceil(self.documents / (_FILL * self.room)) if self._overflows else 1
        return str(int(place * buckets))

    @property
    def _overflows(self) -> bool:
        return self.documents > self.room
