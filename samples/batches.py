"""Batches as a scanner with a feeder makes them: many invoices in one PDF, with what lies between.

Blank separators, a cover sheet, pages of terms, the same invoice twice, and pages that were put
back in the wrong order. Pages after the first may repeat the letterhead, which is what splitters
take for a new document.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from samples import bare_pdf
from samples.generator import Sample
from samples.invoice import Invoice, compose
from samples.languages import LANGUAGES
from samples.layouts import LAYOUTS, lay_out
from samples.sheet import A4, HELVETICA, Sheet

# A slip has no page numbers; a batch is of sheets.
_LAYOUTS = tuple(name for name in LAYOUTS if name != "slip")
_TERMS = {
    "en": "Terms and conditions",
    "de": "Allgemeine Geschäftsbedingungen",
    "fr": "Conditions générales de vente",
    "es": "Condiciones generales de venta",
    "it": "Condizioni generali di vendita",
    "nl": "Algemene voorwaarden",
    "pt": "Condições gerais de venda",
}
_CLAUSE = (
    "The parties agree that deliveries are made as described in the order and that the seller "
    "keeps title to the goods until the whole of the price was received."
)
_LINES = ((1, 8), (1, 8), (20, 60), (40, 90))  # of an invoice: most have one page, some several


@dataclass(slots=True)
class _Pages:
    """The pages of a file so far, and what is true of them."""

    sheets: list[Sheet] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    aside: list[dict[str, Any]] = field(default_factory=list)

    def put_aside(self, sheet: Sheet, reason: str) -> None:
        self.sheets.append(sheet)
        self.aside.append({"page": len(self.sheets), "reason": reason})

    def add(self, invoice: Invoice, sheets: list[Sheet]) -> None:
        first = len(self.sheets) + 1
        self.sheets += sheets
        self.records.append(
            {"first_page": first, "last_page": len(self.sheets), **record_truth(invoice)}
        )


def make_batch(seed: int, index: int, *, records: int | None = None) -> Sample:
    """Return batch number `index` of a seed, of 1 to 20 invoices or as many as said.

    The truth has `records` (page range, header fields, lines) and `set_aside` (page, reason), both
    in page order; pages count from 1.
    """
    rng = Random(f"batch/{seed}/{index}")
    count = records or rng.randint(1, 20)
    pages = _Pages()
    if rng.random() < 0.3:
        pages.put_aside(_cover(rng, count), "cover")
    while len(pages.records) < count:
        _add_invoice(pages, rng, index * 100 + len(pages.records), count)
    name = f"batch-{index:04}.pdf"
    truth = {
        "file": name,
        "media_type": "application/pdf",
        "pages": len(pages.sheets),
        "expect": "row",
        "record_count": len(pages.records),
        "records": pages.records,
        "set_aside": pages.aside,
    }
    return Sample(name, bare_pdf.write(*pages.sheets), truth, {})


def _add_invoice(pages: _Pages, rng: Random, serial: int, count: int) -> None:
    language = rng.choice(tuple(LANGUAGES))
    invoice = compose(
        rng, serial, kind="invoice", language=language, lines=rng.randint(*rng.choice(_LINES)),
    )  # fmt: skip
    sheet = lay_out(invoice, rng.choice(_LAYOUTS), rng)
    if rng.random() < 0.6:
        _repeat_letterhead(sheet, invoice)
    singles = [_single(sheet, number) for number in range(len(sheet.pages))]
    if len(singles) > 2 and rng.random() < 0.3:
        # The first page stays on top: whoever drops a stack looks for that at least.
        at = rng.randrange(1, len(singles) - 1)
        singles[at], singles[at + 1] = singles[at + 1], singles[at]
    pages.add(invoice, singles)
    if rng.random() < 0.12 and len(pages.records) < count:
        pages.add(invoice, singles)  # the same form twice
    if rng.random() < 0.15:
        pages.put_aside(_terms(language), "terms")
    if rng.random() < 0.35:
        pages.put_aside(Sheet((sheet.width, sheet.height)), "blank")


def _repeat_letterhead(sheet: Sheet, invoice: Invoice) -> None:
    """Set who issued it and its number at the top of every page after the first."""
    title = f"{invoice.words['invoice_number']} {invoice.number}"
    for page in range(1, len(sheet.pages)):
        sheet.text(50, 26, invoice.vendor.name, HELVETICA.bold, 13, within=300, page=page)
        right = sheet.width - 50
        sheet.text(right, 26, title, HELVETICA.bold, 10, align="right", within=220, page=page)


def _single(sheet: Sheet, number: int) -> Sheet:
    """Return one page of a sheet as a sheet of its own."""
    single = Sheet((sheet.width, sheet.height))
    single.pages = [sheet.pages[number]]
    return single


def _cover(rng: Random, count: int) -> Sheet:
    sheet = Sheet(A4)
    sheet.text(297, 300, "Scan batch", HELVETICA.bold, 26, align="centre")
    sheet.text(297, 340, f"Box {rng.randint(1, 400)}", HELVETICA.plain, 14, align="centre")
    sheet.text(297, 362, f"Sheets sorted by hand: {count}", HELVETICA.plain, 11, align="centre")
    return sheet


def _terms(language: str) -> Sheet:
    sheet = Sheet(A4)
    sheet.text(50, 70, _TERMS[language], HELVETICA.bold, 14)
    y = 100.0
    for number in range(1, 13):
        y = sheet.paragraph(50, y, f"{number}. {_CLAUSE}", HELVETICA.plain, 8, width=495) + 8
    return sheet


def record_truth(invoice: Invoice) -> dict[str, Any]:
    """Return what an extraction should find of an invoice; amounts are decimal strings."""
    return {
        "invoice_id": invoice.number,
        "vendor_name": invoice.vendor.name,
        "invoice_date": invoice.issued.isoformat(),
        "currency": invoice.currency,
        "total_amount": str(invoice.total),
        "line_items": [
            {
                "description": line.description,
                "quantity": str(line.quantity),
                "total": str(line.total),
            }
            for line in invoice.lines
        ],
    }
