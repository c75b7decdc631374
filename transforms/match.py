"""Match: from file patterns to documents, each once, fingerprinted, spread over the workers."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Literal, NamedTuple

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PBegin, PCollection, TaggedOutput
from apache_beam.typehints.decorators import no_annotations

from sluicegate import metrics
from sluicegate.faults import JobFault
from sluicegate.progress import count
from sluicegate.records import Document, Failure
from sluicegate.sources.excluding import Exclude
from sluicegate.sources.matching import (
    Excluded,
    expand_lists,
    fingerprint_document,
    list_documents,
)
from sluicegate.storage import NotFound, StoreError
from transforms.document_coder import DocumentOrOther
from transforms.tagged import EXCLUDED, FAILED, OK

# What a pattern matched, by URI.
_Keyed = tuple[str, Document | Failure | Excluded]
_KEYED_HINT = tuple[str, DocumentOrOther]


class Matched(NamedTuple):
    """Documents, `Failure` records, and the names of files left out. All must be consumed."""

    ok: PCollection[Document]
    failed: PCollection[Failure]
    excluded: PCollection[str]


class Match(beam.PTransform):
    """Patterns to documents: `ok` holds Documents, `failed` the listed names that do not exist.

    `excluded` holds the names of files that a pattern matches and `exclude` leaves out.

    Applied to pairs of a name and a Document or Failure, found in another way, it adds them: a
    document found both ways is one.

    Listing streams: neither the launcher nor a worker holds all names. The one shuffle does two
    things: what overlapping patterns match twice becomes one, and work spreads over the workers.
    """

    def __init__(
        self, patterns: Iterable[str], run_id: str, exclude: Exclude | None = None
    ) -> None:
        super().__init__()
        self._patterns = tuple(patterns)
        self._run_id = run_id
        self._exclude = exclude or Exclude(())

    @no_annotations
    def expand(self, begin: PBegin | PCollection[tuple[str, Document | Failure]]) -> Matched:
        """Build the step."""
        listed = (
            begin.pipeline
            | "Patterns" >> beam.Create(self._patterns)
            | "Lists" >> beam.ParDo(_ExpandLists())
            | "Spread" >> beam.Reshuffle()
            | "List"
            >> beam.ParDo(_List(self._run_id, self._exclude)).with_output_types(_KEYED_HINT)
        )
        if isinstance(begin, PCollection):
            others = begin | "Others" >> beam.Map(_by_own_uri).with_output_types(_KEYED_HINT)
            listed = (listed, others) | "And others" >> beam.Flatten()
        once = (
            listed
            | "Once" >> beam.GroupByKey()
            | "Fingerprint"
            >> beam.ParDo(_Fingerprint(self._run_id))
            .with_input_types(tuple[str, Iterable[DocumentOrOther]])
            .with_outputs(FAILED, EXCLUDED, main=OK)
        )
        return Matched(once[OK], once[FAILED], once[EXCLUDED])


class _ExpandLists(beam.DoFn):
    def process(self, pattern: str) -> Iterator[str]:
        try:
            yield from expand_lists(pattern)
        except StoreError as error:
            raise JobFault("input_unreadable", f"input list {pattern!r}: {error}") from error


class _List(beam.DoFn):
    def __init__(self, run_id: str, exclude: Exclude) -> None:
        self._run_id, self._exclude = run_id, exclude

    def process(self, pattern: str) -> Iterator[_Keyed]:
        try:
            for found in list_documents(pattern, self._exclude):
                if not isinstance(found, Excluded):
                    count(self._run_id, matched=1)
                yield _by_uri(found)
        except StoreError as error:
            raise JobFault("input_unreadable", f"input {pattern!r}: {error}") from error


class _Fingerprint(beam.DoFn):
    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._matched = Metrics.counter(metrics.NAMESPACE, metrics.MATCHED)

    def process(
        self, group: tuple[str, Iterable[Document | Failure | Excluded]]
    ) -> Iterator[
        Document | TaggedOutput[Literal["failed"], Failure] | TaggedOutput[Literal["excluded"], str]
    ]:
        matches = [found for found in group[1] if not isinstance(found, Excluded)]
        if not matches:  # a file that is asked for by its name as well is not left out
            yield self._left_out(group[0])
            return
        self._matched.inc()
        count(self._run_id, matched=1 - len(matches))  # each was counted when it was listed
        found: Any = _latest(matches)
        if isinstance(found, Document):
            try:
                digest = fingerprint_document(found)
                yield found if found.digest else replace(found, digest=digest)
            except NotFound as error:
                yield self._failed(Failure.of(found, "changed", str(error)))
            except StoreError as error:
                yield self._failed(Failure.of(found, "unreadable", str(error)))
        else:
            yield self._failed(found)

    def _left_out(self, uri: str) -> TaggedOutput[Literal["excluded"], str]:
        return TaggedOutput(EXCLUDED, uri)

    def _failed(self, failure: Failure) -> TaggedOutput[Literal["failed"], Failure]:
        count(self._run_id, done=1, failed=1)
        return TaggedOutput(FAILED, failure)


def _by_uri(found: Document | Failure | Excluded) -> _Keyed:
    return (found.document_uri if isinstance(found, Failure) else found.uri), found


def _by_own_uri(pair: _Keyed) -> _Keyed:
    return _by_uri(pair[1])


def _latest(matches: Iterable[Document | Failure]) -> Document | Failure:
    """Return one of several matches of a URI: a document before a failure, then the newest."""

    def rank(found: Document | Failure) -> tuple[bool, int, str]:
        version = found.version if isinstance(found, Document) else ""
        return isinstance(found, Document), len(version), version

    return max(matches, key=rank)
