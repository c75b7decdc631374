"""Ways of processing calls, each with a price of its own: one file a way.

What varies between them is a `Way`: how a service is asked for it, how long a call and a document
may take, what its errors mean. A further way is a further file and a line here.
"""

from sluicegate.gemini.processing.flex import FLEX
from sluicegate.gemini.processing.standard import STANDARD
from sluicegate.gemini.processing.way import Way

__all__ = ["STANDARD", "Way", "way_of"]

_WAYS = {way.tier: way for way in (STANDARD, FLEX)}


def way_of(tier: str) -> Way:
    """Return how calls are made at a tier; raise KeyError for one that calls are not made at."""
    return _WAYS[tier]
