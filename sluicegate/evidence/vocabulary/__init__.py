"""What is printed beside a value on invoices and receipts, in the languages of Europe.

Each table maps (kind, place, weight) to phrases, separated by commas, without accents.
Kinds that end in `_other` are decoys: labels of numbers and dates that are not the wanted ones.
Weights order the labels of one kind; 100 is a sure one.
"""

from sluicegate.evidence.phrases import Phrasebook
from sluicegate.evidence.vocabulary.dates import DATES
from sluicegate.evidence.vocabulary.numbers import NUMBERS
from sluicegate.evidence.vocabulary.parties import PARTIES
from sluicegate.evidence.vocabulary.sums import SUMS as _SUMS
from sluicegate.evidence.vocabulary.titles import TITLES

LABELS = Phrasebook({**NUMBERS, **DATES, **TITLES, **_SUMS, **PARTIES})

# Kinds of labels of what stands below a table of items.
SUMS = frozenset(("gross", "due", "net", "tax", "tax_other", "deduction", "paid", "carried"))

__all__ = ["LABELS", "SUMS"]
