"""Texts in a canonical form: base letters and digits alone, each with the place it came from.

Accents, ligatures, widths, case, spaces and punctuation do not count; digits of any script are
those of ASCII. A letter more, less or other does count.
"""

import functools
import re
import unicodedata

from sluicegate.numerals import ascii_digit

# Letters that Unicode does not take apart.
_PLAIN = {
    "ß": "ss", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i",
    "º": "o", "ª": "a", "°": "o",
}  # fmt: skip
_OTHER = re.compile(r"[^a-z0-9]+")
# What may stand against a text without being part of it: `No.:42`, `(42)`, `#42`.
_PIECE = re.compile(r"[^\s:#()\[\]{},;\"'“”„«»‘’|=№*•·]+")


@functools.lru_cache(maxsize=8192)
def canonical_letter(letter: str) -> str:
    """Return what a character is worth: base letters or digits, or nothing."""
    lowered = letter.casefold()
    if lowered.isascii():
        return "".join(filter(str.isalnum, lowered))
    found = ""
    for each in lowered:
        plain = _PLAIN.get(each) or unicodedata.normalize("NFKD", each)
        found += "".join(ascii_digit(part) for part in plain.casefold() if part.isalnum())
    return found


def canonical(text: str) -> str:
    """Return the canonical form of a text."""
    if text.isascii():
        lowered = text.lower()
        return lowered if lowered.isalnum() else _OTHER.sub("", lowered)
    return "".join(map(canonical_letter, text))


def pieces(text: str) -> list[tuple[int, int, str]]:
    """Split a text where a value may begin or end: (start, end, canonical form) of each piece.

    A hyphen, a slash and a point within a piece belong to it: `INV-42` is no `42`.
    """
    return [
        (match.start(), match.end(), form)
        for match in _PIECE.finditer(text)
        if (form := canonical(match.group()))
    ]


def trigrams(form: str) -> set[str]:
    """Return the runs of three characters of a canonical form."""
    return {form[at : at + 3] for at in range(len(form) - 2)}
