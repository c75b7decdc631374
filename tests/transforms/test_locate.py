"""Locate: rows go through in order and number, and each document is read once."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import apache_beam as beam
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline
from apache_beam.testing.util import assert_that
from support import write_invoices

from sluicegate.document_types.invoice import INVOICE
from sluicegate.formats.limits import Limits
from sluicegate.landing.evidence import EvidenceFinder, Words
from sluicegate.records import Row
from tests.sluicegate.landing.test_evidence import row_of
from transforms.locate import Locate

READ: list[str] = []
_LOCK = threading.Lock()


class Counting(EvidenceFinder):
    """A finder that notes what it reads."""

    def words(self, uri: str, version: str) -> Words:
        """Note the document and read it."""
        with _LOCK:
            READ.append(uri)
        return super().words(uri, version)


def through(rows: list[Row], finder: EvidenceFinder, check: Any) -> None:
    """Run rows through the step and hand what comes out to a check."""
    with Pipeline() as pipeline:
        assert_that(pipeline | beam.Create(rows, reshuffle=False) | Locate(finder), check)


def test_every_row_comes_out_with_evidence_of_its_own_document(tmp_path: Path) -> None:
    """More rows than are read ahead; two records of one document share one reading."""
    paths = write_invoices(tmp_path, 20)
    rows = [row_of(path, f"{number}") for path in paths for number in (1, 2)]
    READ.clear()

    def check(found: list[Row]) -> None:
        assert [(each.document_uri, each.values["invoice_id"]) for each in found] == [
            (str(path), f"{number}") for path in paths for number in (1, 2)
        ]
        assert all(each.values["evidence"] for each in found)

    through(rows, Counting(INVOICE, Limits()), check)
    assert sorted(READ) == sorted(map(str, paths))


def test_a_spared_document_goes_through_untouched() -> None:
    """By reference and `auto`, a row is as Validate has made it."""
    row = replace(row_of(Path("x.pdf"), "7"), document_uri="gs://bucket/x.pdf")

    def check(found: list[Row]) -> None:
        assert found == [row]

    through([row], EvidenceFinder(INVOICE, Limits(), spares_references=True), check)
