"""What is printed beside a value on invoices and receipts, in the languages of Europe.

Each table maps (kind, place, weight) to phrases, separated by commas, without accents.
Kinds that end in `_other` are decoys: labels of numbers and dates that are not the wanted ones.
Weights order the labels of one kind; 100 is a sure one.
"""

from emulators.reader.phrases import Phrasebook
from emulators.reader.vocabulary.dates import DATES
from emulators.reader.vocabulary.numbers import NUMBERS
from emulators.reader.vocabulary.parties import PARTIES
from emulators.reader.vocabulary.sums import SUMS
from emulators.reader.vocabulary.titles import TITLES as _TITLES

LABELS = Phrasebook({**NUMBERS, **DATES, **_TITLES, **SUMS, **PARTIES})
TITLES = Phrasebook(_TITLES)

__all__ = ["LABELS", "TITLES"]
