"""A table of label phrases and the search for them: leftmost, then longest."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from sluicegate.evidence.tokens import Token, blur, tokenize, words_of

# Codes that may stand inside a label: "Total EUR incl. VAT".
_PASSED = frozenset(("eur", "usd", "gbp", "chf", "pln", "sek", "nok", "dkk", "jpy", "czk", "cad"))

# "PO-3333" is a number, not the label "PO".
_IDENTIFIER = re.compile(r"[-/]\w*\d")


class Place(IntEnum):
    """Where in a cell a phrase must stand to count as a label."""

    ANYWHERE = 0
    START = 1
    ALONE = 2  # at the start, and followed by a colon or by nothing


# (kind, place, weight) to phrases separated by commas.
Table = Mapping[tuple[str, Place, int], str]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A label phrase: its folded and blurred words, what it stands for, and how sure it is."""

    words: tuple[str, ...]
    kind: str
    place: Place
    weight: int


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase found in a text, from character `start` to `end`."""

    phrase: Phrase
    start: int
    end: int


class Phrasebook:
    """Phrases indexed by their first word; of two alike the first in the table counts."""

    def __init__(self, table: Table) -> None:
        self._by_first: dict[str, list[Phrase]] = {}
        for phrase in _read(table):
            self._add(phrase)
            if len(phrase.words) > 1 and all(map(str.isalpha, phrase.words)):
                # OCR loses spaces: "INVOICEDATE".
                joined = "".join(phrase.words)
                self._add(Phrase((joined,), phrase.kind, phrase.place, phrase.weight))
        for entries in self._by_first.values():
            entries.sort(key=lambda entry: -len(entry.words))

    def _add(self, phrase: Phrase) -> None:
        self._by_first.setdefault(phrase.words[0], []).append(phrase)

    def find(self, text: str) -> list[Match]:
        """Return the phrases in a text, none overlapping, in order."""
        tokens = tokenize(text)
        found: list[Match] = []
        index = 0
        while index < len(tokens):
            step = 1
            for phrase in self._by_first.get(tokens[index].blurred, ()):
                count = _fits(phrase.words, tokens, index)
                if count and _placed(phrase.place, text, tokens, index, count):
                    end = _label_end(text, tokens[index + count - 1].end)
                    if _IDENTIFIER.match(text, end):
                        continue
                    found.append(Match(phrase, tokens[index].start, end))
                    step = count
                    break
            index += step
        return found


def _fits(words: tuple[str, ...], tokens: tuple[Token, ...], at: int) -> int:
    """How many tokens from `at` on the words take up, or 0."""
    index = at
    for number, word in enumerate(words):
        if number and index < len(tokens) and tokens[index].text in _PASSED:
            index += 1
        if index >= len(tokens) or tokens[index].blurred != word:
            return 0
        index += 1
    return index - at


def _placed(place: Place, text: str, tokens: tuple[Token, ...], index: int, count: int) -> bool:
    if place is Place.ANYWHERE:
        return True
    if index and not text[: tokens[index].start].rstrip().endswith((":", "|", "/")):
        return False
    if place is Place.START:
        return True
    rest = text[tokens[index + count - 1].end :].lstrip(" .)")
    return not rest or rest[0] in ":(/"


def _label_end(text: str, end: int) -> int:
    """Take the plural ending in brackets and the dot of an abbreviation into the label."""
    for tail in ("(s)", "(n)", "(e)"):
        if text.startswith(tail, end):
            return end + len(tail)
    return end + 1 if text.startswith(".", end) else end


def _read(table: Table) -> Iterator[Phrase]:
    """Take a table apart into phrases."""
    for (kind, place, weight), listed in table.items():
        for text in listed.split(","):
            if words := tuple(map(blur, words_of(text))):
                yield Phrase(words, kind, place, weight)
