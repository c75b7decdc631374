"""What is reviewed, read from the output: the documents of both queues with rows and failures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.reviewing.settings import ReviewSettings, check_fields
from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.load import BUILT_IN
from sluicegate.evaluation.outcomes import from_row
from sluicegate.faults import JobFault
from sluicegate.review.documents import Original
from sluicegate.review.failed import Failed
from sluicegate.review.material import material, shape, type_of_rows
from sluicegate.review.queues import Choice, Chosen, Row, Subject
from sluicegate.storage import StoreError, store_for
from transforms.read_outcomes import Source


@dataclass(frozen=True, slots=True)
class Selection:
    """The documents to look at, by key, the order of both queues, and the types they are of."""

    chosen: Chosen
    subjects: Mapping[str, Subject]
    types: Mapping[str, DocumentType]
    settings: ReviewSettings

    def original(self, key: str) -> Original:
        """Return a document as it lies now."""
        subject = self.subjects[key]
        return self.settings.places.read(subject.uri, subject.version)

    def material(self, key: str, original: Original) -> dict[str, Any]:
        """Return what the page shows of a document."""
        subject = self.subjects[key]
        kind = self.types[subject.document_type]
        return material(subject, kind, original, ocr=self.settings.ocr)

    def page_data(self) -> dict[str, Any]:
        """Return what the page knows before it has seen a document."""
        shown = {"worst": self.chosen.worst, "random": self.chosen.random}
        return {
            "documents": {},
            "queues": {
                name: [k for k in keys if k in self.subjects] for name, keys in shown.items()
            },
            "shapes": {kind.name: shape(kind.fields) for kind in self.types.values()},
            "reviewer": self.settings.reviewer,
            "documents_in_all": self.chosen.documents,
            "documents_doubtful": self.chosen.doubtful,
        }


def select(settings: ReviewSettings) -> Selection:
    """Read the output twice and return what is chosen of it; raise JobFault if that cannot be."""
    choice = Choice(settings.seed)
    for row in _rows(settings.rows):
        choice.add_row(row)
    for failed in _failures(settings.rows):
        choice.add_failure(failed)
    chosen = choice.choose(settings.worst, settings.random)
    wanted = [*chosen.worst, *chosen.random]
    subjects = choice.collect(wanted, _rows(settings.rows), _failures(settings.rows))
    return Selection(chosen, subjects, _types(settings, subjects.values()), settings)


def _types(settings: ReviewSettings, subjects: Any) -> dict[str, DocumentType]:
    by_name: dict[str, list[Row]] = {}
    for subject in subjects:
        by_name.setdefault(subject.document_type, []).extend(subject.rows)
    found = {
        name: settings.document_type or BUILT_IN.get(name) or type_of_rows(name, rows)
        for name, rows in by_name.items()
    }
    for kind in found.values():
        check_fields(kind)
    return found


def _rows(source: Source) -> Iterator[Row]:
    run_id = "" if source.resumed else source.run_id
    for row in source.rows.read_here(run_id):
        if source.takes(from_row(row)):
            yield row


def _failures(source: Source) -> Iterator[Failed]:
    if not source.failures:
        return
    try:
        store = store_for(source.failures)
        for file in store.list(source.failures):
            for line in store.read(file.uri).decode("utf-8", "replace").splitlines():
                failed = Failed.parse(line)
                if failed and (not source.run_id or failed.run_id == source.run_id):
                    yield failed
    except StoreError as error:
        raise JobFault("output_unreadable", f"{source.failures!r}: {error}") from error
