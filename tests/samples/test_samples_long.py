"""Batches and statements: the truth about them is what they print, and the same every time."""

from decimal import Decimal

import pypdfium2

from samples.batches import make_batch
from samples.statements import make_statement


def test_every_page_of_a_batch_is_in_a_record_or_set_aside() -> None:
    """Each once; and the batches of a seed differ."""
    counts = set()
    for index in range(6):
        batch = make_batch(3, index)
        pages = [
            n for r in batch.truth["records"] for n in range(r["first_page"], r["last_page"] + 1)
        ]
        pages += [each["page"] for each in batch.truth["set_aside"]]
        assert sorted(pages) == list(range(1, batch.truth["pages"] + 1))
        assert len(pypdfium2.PdfDocument(batch.data)) == batch.truth["pages"]
        counts.add(batch.truth["record_count"])
    assert len(counts) > 2
    assert make_batch(3, 1) == make_batch(3, 1)


def test_a_statement_adds_up_and_fills_the_pages_it_is_given() -> None:
    """2,000 rows on 60 pages; each balance is the one before it and its line."""
    sample = make_statement(3, 0, rows=2000, pages=60)
    assert sample.truth["pages"] == len(pypdfium2.PdfDocument(sample.data)) == 60
    rows = sample.truth["transactions"]
    assert len(rows) == 2000
    balance = Decimal(sample.truth["opening_balance"])
    for row in rows:
        balance += Decimal(row["amount"])
        assert balance == Decimal(row["balance"])
    assert balance == Decimal(sample.truth["closing_balance"])
    assert make_statement(3, 0, rows=20) == make_statement(3, 0, rows=20)
