"""How many tokens a call will take, from what calls of its kind have taken."""

from collections.abc import Iterable

# Of a page of a PDF, Gemini 3 at its default resolution (facts of its documentation).
_FIRST_GUESS = 560.0
_WEIGHT = 0.1


class TokenEstimate:
    """Prompt tokens of a call, by the media type of its parts. Scope: one event loop.

    The prompt that all calls share is in the first guess by its length (four characters a token)
    and in all later ones by experience.
    """

    def __init__(self, shared_characters: int = 0) -> None:
        self._first = shared_characters / 4 + _FIRST_GUESS
        self._known: dict[str, float] = {}

    def of(self, media_types: Iterable[str]) -> float:
        """Return tokens."""
        return self._known.get(_kind(media_types), self._first)

    def learn(self, media_types: Iterable[str], tokens: int) -> None:
        """Note what a call took."""
        kind = _kind(media_types)
        known = self._known.get(kind)
        self._known[kind] = tokens if known is None else known + _WEIGHT * (tokens - known)


def _kind(media_types: Iterable[str]) -> str:
    return " ".join(media_types)
