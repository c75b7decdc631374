"""How many tokens a call will take, estimated from calls of the same kind."""

from collections.abc import Iterable

# Of a page of a PDF, Gemini 3 at its default resolution (facts of its documentation).
_FIRST_GUESS = 560.0
_WEIGHT = 0.1  # of the newest call in the moving average
_CHARACTERS_PER_TOKEN = 4


class TokenEstimate:
    """Prompt tokens of a call, by the media type of its parts. Scope: one event loop.

    The first estimate is the length of the prompt that all calls share, plus one page; later ones
    are a moving average of what calls with the same media types took.
    """

    def __init__(self, shared_characters: int = 0) -> None:
        self._first = shared_characters / _CHARACTERS_PER_TOKEN + _FIRST_GUESS
        self._averages: dict[str, float] = {}

    def of(self, media_types: Iterable[str]) -> float:
        """Return the tokens that a call with parts of these media types will probably take."""
        return self._averages.get(_kind(media_types), self._first)

    def learn(self, media_types: Iterable[str], tokens: int) -> None:
        """Take in how many tokens such a call really took."""
        kind = _kind(media_types)
        average = self._averages.get(kind)
        self._averages[kind] = tokens if average is None else average + _WEIGHT * (tokens - average)


def _kind(media_types: Iterable[str]) -> str:
    return " ".join(media_types)
