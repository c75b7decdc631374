"""The rows that a resumed run stands on: earlier runs landed them, and it skipped their documents.

A summary counts the documents that were skipped and does not list them. They are found as the run
found them: among the rows of the same output, by the run's input and document type.
"""

from dataclasses import dataclass

from sluicegate.sources.excluding import Exclude, read_exclude
from sluicegate.sources.matching import LIST_MARK, reaches
from sluicegate.storage import is_gcs
from sluicegate.storage.local import absolute
from sluicegate.summary import Summary

_SECONDS = len("2026-01-31T12:00:00")


@dataclass(frozen=True, slots=True)
class Resumed:
    """Which rows of earlier runs count for a run that skipped documents. Plain data."""

    until: str  # when the run ended, in UTC, to the second
    document_type: str  # name and version, as rows and settings say them
    patterns: tuple[str, ...]  # the run's input; empty for any
    exclude: Exclude

    @classmethod
    def of(cls, summary: Summary) -> "Resumed | None":
        """Return what a summary says of them; None for a run that skipped nothing."""
        patterns = summary.settings.get("input") or ()
        if not summary.skipped or not patterns:
            return None
        given = (patterns,) if isinstance(patterns, str) else tuple(map(str, patterns))
        # A list of names may be as long as the input itself.
        named = () if any(each.startswith(LIST_MARK) for each in given) else given
        return cls(
            until=summary.finished_at[:_SECONDS],
            document_type=str(summary.settings.get("document_type") or ""),
            patterns=named,
            exclude=read_exclude(summary.settings.get("exclude") or ("none",)),
        )

    def takes(self, uri: str, at: str, document_type: str) -> bool:
        """Tell whether a row that another run made, at that time, counts for this run."""
        if at[:_SECONDS] > self.until or document_type != self.document_type:
            return False
        if not self.patterns:
            return True
        return not self.exclude.excludes(uri) and any(
            uri == (pattern if is_gcs(pattern) else absolute(pattern)) or reaches(pattern, uri)
            for pattern in self.patterns
        )
