"""Text as comparable tokens: lower case, without accents or punctuation, positions kept."""

import functools
import re
import unicodedata
from typing import NamedTuple

# "n.º" is one word; "º" has become "o" by then.
_TOKEN = re.compile(r"(?<![^\W_])n\.\s?o(?![^\W_])|[^\W_]+|[#%]")
# Letters that Unicode does not take apart, and the sign of degree that people type for "nº".
_PLAIN = {"ß": "s", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "t", "æ": "a", "œ": "o", "°": "o"}


# What OCR takes for one another: "Factuumummer", "lnvoice", "N0".
_ALIKE = str.maketrans({"l": "i", "1": "i", "0": "o"})


class Token(NamedTuple):
    """A folded token, its place in the original text, and its blurred form."""

    text: str
    start: int
    end: int
    blurred: str


@functools.lru_cache(maxsize=4096)
def _plain(letter: str) -> str:
    lower = letter.lower()[0]
    return _PLAIN.get(lower) or unicodedata.normalize("NFKD", lower)[0]


def fold(text: str) -> str:
    """Lower the case and drop the accents, character by character: the length stays the same."""
    return text.lower() if text.isascii() else "".join(map(_plain, text))


@functools.lru_cache(maxsize=8192)
def tokenize(text: str) -> tuple[Token, ...]:
    """Split into folded tokens: runs of letters and digits, and the signs # and %."""
    tokens = []
    for match in _TOKEN.finditer(fold(text)):
        word = "no" if "." in match.group() else match.group()
        tokens.append(Token(word, match.start(), match.end(), blur(word)))
    return tuple(tokens)


def blur(word: str) -> str:
    """Make letters alike that OCR confuses, to compare a folded word with another."""
    return word.replace("rn", "m").translate(_ALIKE)


def words_of(text: str) -> tuple[str, ...]:
    """Only the folded tokens' text."""
    return tuple(token.text for token in tokenize(text))
