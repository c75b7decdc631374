"""Calls, and how many of them were rejected."""

import math
from typing import NamedTuple


class Count(NamedTuple):
    """Of one span; those of two spans add up."""

    calls: float = 0.0
    rejected: float = 0.0

    def __add__(self, other: "Count") -> "Count":  # type: ignore[override]  # not as tuples do
        return Count(self.calls + other.calls, self.rejected + other.rejected)

    def __sub__(self, other: "Count") -> "Count":
        return Count(self.calls - other.calls, self.rejected - other.rejected)

    def likelihood(self, share: float) -> float:
        """Return its logarithm if that share is rejected, which is above 0 and below 1."""
        admitted = self.calls - self.rejected
        return self.rejected * math.log(share) + admitted * math.log(1.0 - share)

    @property
    def best(self) -> float:
        """The logarithm of its likelihood with the share that explains it best."""
        if not 0.0 < self.rejected < self.calls:
            return 0.0
        return self.likelihood(self.rejected / self.calls)
