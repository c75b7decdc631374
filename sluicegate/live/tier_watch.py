"""What the log says where answers come from another tier than the job asks for."""

from sluicegate.asking.response import Response
from sluicegate.log import EventKind, log_event


class TierWatch:
    """Says each pair of tiers once. Scope: one engine.

    `tier` is the one that the job asks at; a document that met no capacity may have been asked
    about at another one in the end.
    """

    def __init__(self, tier: str, run_id: str) -> None:
        self._tier = tier
        self._run_id = run_id
        self._said: set[tuple[str, str]] = set()

    def served(self, response: Response) -> None:
        """Look at a response that was paid for."""
        asked, served = response.asked_tier, response.tier
        if not asked or asked == served == self._tier or (asked, served) in self._said:
            return
        self._said.add((asked, served))
        if asked != self._tier:
            sentence = f"documents met no {self._tier} capacity until their deadline; they are "
            sentence += f"asked about at the {asked} tier, and billed at its price"
        else:
            sentence = f"the {asked} tier was asked for, and answers are served and billed at the "
            sentence += f"{served} tier"
        log_event(EventKind.OTHER_TIER, sentence, self._run_id, asked=asked, served=served)
