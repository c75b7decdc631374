"""What is noted about each response that was paid for: when it was served, and by which tier."""

from dataclasses import replace
from datetime import datetime

from sluicegate.asking.response import Response
from sluicegate.log import EventKind, log_event


class Served:
    """Dates responses, and says in the log where another tier serves. Scope: one engine.

    `tier` is the one that the job asks at; a document that met no capacity may have been asked
    about at another one in the end. Each pair of tiers is said once.
    """

    def __init__(self, tier: str, run_id: str) -> None:
        self._tier = tier
        self._run_id = run_id
        self._said: set[tuple[str, str]] = set()

    def note(self, response: Response, now: datetime) -> Response:
        """Return the response with the moment at which it was served, which sets its price."""
        pair = asked, served = response.asked_tier, response.tier
        if asked and not asked == served == self._tier and pair not in self._said:
            self._said.add(pair)
            log_event(
                EventKind.OTHER_TIER, self._says(*pair), self._run_id, asked=asked, served=served
            )
        return replace(response, served_at=now.isoformat(timespec="seconds"))

    def _says(self, asked: str, served: str) -> str:
        if asked == self._tier:
            return f"the {asked} tier was asked for, and answers are served and billed at {served}"
        return (
            f"documents met no {self._tier} capacity until their deadline; they are asked about at "
            f"the {asked} tier, and billed at its price"
        )
