"""What is known of where a value stands: one record a value."""

from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

Found = Literal["exact", "exact_many", "similar", "absent", "derived", "unread"]

# What each way of finding means; the table in docs/evidence.md is made of it.
MEANINGS: Final[dict[Found, str]] = {
    "exact": "printed there: the same letters and digits, the same number, the same day; where it "
    "is printed several times, its label or its row says which one is meant",
    "exact_many": "printed, at several places, and nothing says which is meant; one is shown",
    "similar": "not printed so: a text that is nearly the same stands there, or the number with "
    "the other sign, or the number in its row but in another column",
    "absent": "printed nowhere on the pages, or not in its row",
    "derived": "follows from what is printed and is not printed itself: a code for a sign of "
    "several currencies, the minus of a credit note, one of the type's own words; of a list or an "
    "empty field it is the place of what the row seems to lack, and `doubt` says so",
    "unread": "there was no text to search: a page without a text layer, or a file that could not "
    "be read again",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where one value of a row stands.

    `field` is its path, list positions from 0: `line_items[3].total`. `page` counts from 1. The
    box is in shares of the upright page, 0 to 1, from its top left corner. `text` is as printed.
    `candidates` counts the places where the value stands. `doubt` says in a sentence why a person
    should look at it; None where nothing does. Evidence of a list, or of a field that is empty,
    says what the row seems to lack.
    """

    field: str
    found: Found
    page: int | None = None
    x0: float | None = None
    y0: float | None = None
    x1: float | None = None
    y1: float | None = None
    text: str | None = None
    candidates: int = 0
    doubt: str | None = None

    def as_record(self) -> dict[str, Any]:
        """Return the record of the row's column `evidence`."""
        return asdict(self)


def reference() -> str:
    """Return the table of the ways of finding, in Markdown."""
    rows = (f"| `{name}` | {meaning} |" for name, meaning in MEANINGS.items())
    return "\n".join(("| found | meaning |", "|---|---|", *rows, ""))
