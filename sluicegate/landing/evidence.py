"""Evidence for rows: the document is read once more, its words found, its values looked up.

A row stands whatever happens here. What cannot be read again is evidence of nothing: its values are
`unread`, and the row's warnings say why.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from sluicegate.document_types.columns import fit_columns
from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.table_schema import REVIEW_COLUMNS
from sluicegate.evidence.locate import locate
from sluicegate.evidence.pages import Page
from sluicegate.evidence.places import Places
from sluicegate.evidence.reader import read_text
from sluicegate.faults import DocumentFault, one_line
from sluicegate.formats import sniff
from sluicegate.formats.limits import Limits
from sluicegate.media.prepare import prepare
from sluicegate.records import Row
from sluicegate.storage import NotFound, is_gcs, store_for

How = Literal["text", "ocr"]

# Ways of finding that count as not found.
_UNFOUND = ("absent", "similar")


class Words(NamedTuple):
    """The pages of a document with their words, or why there are none."""

    pages: Sequence[Page] = ()
    trouble: str = ""
    places: Places | None = None  # the index of the pages, for all rows of the document


@dataclass(frozen=True, slots=True)
class EvidenceFinder:
    """Reads documents again and adds evidence to their rows. Plain data: it is pickled.

    With `spares_references` a document that was passed to the model by its URI is not read.
    """

    document_type: DocumentType
    limits: Limits
    how: How = "text"
    spares_references: bool = False
    columns: list[dict[str, Any]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Take the columns as a list, as they are fitted."""
        object.__setattr__(self, "columns", [dict(column) for column in REVIEW_COLUMNS])
        object.__setattr__(self, "limits", self.limits.of_files_at_hand)

    def reads(self, row: Row) -> bool:
        """Tell whether a row's document is looked at."""
        return not (self.spares_references and is_gcs(row.document_uri))

    def words(self, uri: str, version: str) -> Words:
        """Return the words of a document, of the version that the row is about; never raise."""
        try:
            data = store_for(uri).read(uri, version)
            if self.how == "text" and sniff.sniff(data[: sniff.HEAD_BYTES]) != sniff.PDF:
                return Words((Page(1.0, 1.0, is_read=False),))
            parts = [
                (part.media_type, part.data)
                for part in prepare(data, self.limits, uri, self.document_type.window_pages)
            ]
            pages = read_text(parts, ocr=self.how == "ocr")
            return Words(pages, places=Places(pages))
        except NotFound:
            return Words(trouble="it was replaced or deleted after it was matched")
        except DocumentFault as fault:
            return Words(trouble=fault.message)
        except Exception as error:  # noqa: BLE001 - a paid row must not be lost to its evidence
            return Words(trouble=one_line(f"{type(error).__name__}: {error}"))

    def with_evidence(self, row: Row, words: Words) -> Row:
        """Return the row with its evidence; with a warning where its document was not read."""
        values = row.values
        try:
            found = locate(values, words.pages, self.document_type, _pages_of(values), words.places)
            fitted, _ = fit_columns(
                {
                    "needs_review": bool(values.get("needs_review"))
                    or any(each.doubt for each in found),
                    "values_unfound": _unfound(found),
                    "evidence": [each.as_record() for each in found],
                },
                self.columns,
            )
        except DocumentFault as fault:
            words, fitted = Words(trouble=fault.message), {}
        except Exception as error:  # noqa: BLE001 - as above
            words, fitted = Words(trouble=one_line(f"{type(error).__name__}: {error}")), {}
        if words.trouble:
            origin = values["provenance"]
            said = [*origin["warnings"], f"no evidence: {words.trouble}"]
            fitted = {**fitted, "provenance": {**origin, "warnings": said}}
        return replace(row, values={**values, **fitted})


def _unfound(found: Sequence[Any]) -> int | None:
    """Count the values that are not on the pages; None where no page could be read."""
    if found and all(each.found == "unread" for each in found):
        return None
    return sum(each.found in _UNFOUND for each in found)


def _pages_of(values: dict[str, Any]) -> range | None:
    """Return the pages of the record that a row is about, from 1; None for the whole file."""
    first, last = values.get("first_page"), values.get("last_page")
    return range(first, last + 1) if first and last else None
