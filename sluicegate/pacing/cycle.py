"""What came of the calls since the last cut of a rate. Calls from before say nothing of it."""

from sluicegate.pacing.tuning import Tuning


class Cycle:
    """Counts of calls and units; times are seconds of any monotonic clock. Mutable."""

    def __init__(self, began: float, rate: float) -> None:
        self.began, self.began_at = began, rate
        self.calls = self.rejected = 0
        self.admitted = 0.0  # units
        self.active = 0.0  # seconds in which this rate was what held calls back

    def sent(self, units: float) -> None:
        """Count a call, which is taken as admitted until its rejection comes."""
        self.calls += 1
        self.admitted += units

    def reject(self, units: float) -> None:
        """Count the rejection of one of its calls."""
        self.rejected += 1
        self.admitted -= units

    def admitted_rate(self, waited: float = 0.0) -> float:
        """Return units a second; `waited`: seconds in which nothing could be sent."""
        return self.admitted / max(self.active + waited, 1e-9)

    def rejected_share(self, tuning: Tuning, unknown: float, chance: float) -> float:
        """Return which share was rejected beyond chance.

        `unknown`: the last calls, whose rejections have not come yet. Few rejections are no sign
        of many.
        """
        share = self.rejected_of_all(unknown)
        beyond = max(0.0, (share - chance) / (1.0 - chance))
        return (
            beyond
            if self.rejected >= tuning.far_rejections
            else min(beyond, tuning.far_rejected_share)
        )

    def rejected_of_all(self, unknown: float) -> float:
        """Return which share was rejected, for whatever reason."""
        return self.rejected / max(1.0, self.rejected, self.calls - unknown)
