"""Replay: from the failure files of earlier runs to the documents to process again."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sluicegate.codes import DOCUMENT_CODES
from sluicegate.records import Document, Failure
from sluicegate.storage import NotFound, StoreError, store_for

# Beam writes files in folders of this name first; those of a killed run stay there.
_UNFINISHED = "beam-temp-"

# A failure's time, as text in the order of the times; its run; its code; whether it is retryable.
# A plain tuple, for a shuffle.
Record = tuple[str, str, str, bool]


class UnusableLine(ValueError):  # noqa: N818 - what the line is
    """A line that is no failure record."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which failures are replayed."""

    codes: frozenset[str] = frozenset()  # none: all
    retryable_only: bool = False

    def takes(self, records: Iterable[Record]) -> bool:
        """Return whether a document is replayed, by its failures of the latest run.

        They are several where records of the document have failed: one that is chosen is enough.
        """
        failures = list(records)
        last = max(failures)[1]
        return any(self._takes(*failure[2:]) for failure in failures if failure[1] == last)

    def _takes(self, code: str, retryable: bool) -> bool:  # noqa: FBT001 - as a record has it
        return (not self.codes or code in self.codes) and (retryable or not self.retryable_only)


def read_record(line: bytes) -> tuple[str, Record]:
    """Return the document and the record of a failure line; raise UnusableLine with the reason.

    Lines of later versions can be read: only these keys are needed.
    """
    try:
        found: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UnusableLine(f"it is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise UnusableLine("it is JSON, but no object")
    uri, code = found.get("document_uri"), found.get("code")
    if not (isinstance(uri, str) and uri and isinstance(code, str) and code):
        raise UnusableLine("it has no document_uri and code")
    known = DOCUMENT_CODES.get(code)
    retryable = found.get("retryable", known.retryable if known else False)
    return uri, (
        str(found.get("failed_at") or ""),
        str(found.get("run_id") or ""),
        code,
        retryable is True,
    )


def is_finished(uri: str) -> bool:
    """Return whether a failure file was written to its end; a killed run leaves others."""
    return not any(part.startswith(_UNFINISHED) for part in uri.split("/"))


def find_again(uri: str) -> Document | Failure:
    """Return the document as it is now, or the failure of one that cannot be found."""
    try:
        return store_for(uri).stat(uri)
    except NotFound as error:
        return Failure(uri, "not_found", str(error))
    except StoreError as error:
        return Failure(uri, "unreadable", str(error))
