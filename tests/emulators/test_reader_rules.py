"""Labels, layouts and tables lead to the fields, and decoys do not."""

import datetime as dt
from decimal import Decimal

import pytest

from emulators.reader.facts import Facts, gather
from emulators.reader.kinds import Kind
from emulators.reader.reading import Reading
from sluicegate.evidence.vocabulary import LABELS
from tests.emulators import typed_documents
from tests.emulators.typed_pages import typed


def read(*pages: str) -> Facts:
    """Gather the facts of typed pages."""
    return gather(Reading(typed(page, number=n) for n, page in enumerate(pages)))


@pytest.mark.parametrize("expected", typed_documents.ALL, ids=lambda document: document.name)
def test_a_document_is_read_in_its_language(expected: typed_documents.Typed) -> None:
    """Number, vendor, date, currency, total and lines, whatever the layout."""
    facts = read(expected.text)
    assert facts.vendor is not None
    assert (facts.number, facts.vendor.name) == (expected.number, expected.vendor)
    assert (facts.date, facts.currency) == (dt.date.fromisoformat(expected.date), expected.currency)
    assert facts.total == Decimal(expected.total)
    lines = [(item.description, str(item.quantity), str(item.total)) for item in facts.items]
    assert lines == list(expected.lines)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Invoice No.: 1", "number"),
        ("Rechnungs-Nr. 5", "number"),
        ("N.º de factura", "number"),
        ("Facture n° 12", "number"),
        ("INVOICEDATE: 3", "date"),
        ("Factuumummer", "number"),
        ("lnvoice number", "number"),
        ("Total EUR incl. VAT", "gross"),
        ("Total € Incl. VAT", "gross"),
        ("Sous-total", "net"),
        ("Facture liée FA-2017", "number_other"),
        ("Kunden-Nr. 4711", "number_other"),
        ("Date d'échéance", "date_other"),
        ("Rechnungsempfänger", "buyer"),
    ],
)
def test_labels_are_known_in_many_spellings(text: str, kind: str) -> None:
    """Accents, punctuation, lost spaces and letters that OCR confuses make no difference."""
    assert LABELS.find(text)[0].phrase.kind == kind


def test_a_number_that_begins_like_a_label_is_no_label() -> None:
    """The order "PO-3333" is none, and "From the team" addresses nobody."""
    assert LABELS.find("PO-3333") == []
    assert LABELS.find("From the team") == []


def test_lines_that_run_over_pages_are_one_table() -> None:
    """The heading repeats, carried sums and page numbers are no lines."""
    facts = read(
        """
        Kranich GmbH                         Rechnung 881
        Datum: 01.02.2026

        Pos  Bezeichnung           Menge   Preis    Betrag
        1    Schrauben             10      1,50     15,00
        2    Muttern               20      0,50     10,00
        Übertrag                                    25,00
        """
        + "\n" * 45
        + "        Kranich GmbH · Musterweg 1      Seite 1 von 2",
        """
        Pos  Bezeichnung           Menge   Preis    Betrag
        Übertrag                                    25,00
        3    Scheiben              5       2,00     10,00
        Zwischensumme                               35,00
        MwSt 19 %                                    6,65
        Gesamtbetrag                                41,65 €
        """
        + "\n" * 45
        + "        Kranich GmbH · Musterweg 1      Seite 2 von 2",
    )
    assert [item.description for item in facts.items] == ["Schrauben", "Muttern", "Scheiben"]
    assert (facts.total, facts.net, facts.tax) == (
        Decimal("41.65"),
        Decimal("35.00"),
        Decimal("6.65"),
    )


def test_a_wrapped_description_is_joined_and_a_remark_is_not() -> None:
    """What follows closely in the same type belongs to the line; labelled details do not."""
    facts = read(
        """
        Kranich GmbH
        Rechnung Nr. 12 vom 01.02.2026

        Bezeichnung                 Menge   Preis    Betrag
        Schreibtischstuhl, blau,    1       191,00   191,00
        mit Armlehnen
        GTIN: 4012345001235
        Montage                     1       20,00    20,00
        Gesamtbetrag                                 211,00 €
        """
    )
    assert [item.description for item in facts.items] == [
        "Schreibtischstuhl, blau, mit Armlehnen",
        "Montage",
    ]


def test_the_total_is_with_tax_and_before_payments() -> None:
    """A deposit leaves a balance, which is not the total."""
    facts = read(
        """
        Northwind Ltd
        INVOICE 77
        Date: 2026-01-02
        Subtotal        £100.00
        VAT 20%          £20.00
        Total           £120.00
        Deposit paid     £50.00
        Balance due      £70.00
        """
    )
    assert facts.total == Decimal("120.00")
    assert facts.amount_due == Decimal("70.00")


@pytest.mark.parametrize(
    "text",
    [
        "Globex Ltd\nPURCHASE ORDER\nPO Number: 4500123\nInvoice to: Globex Ltd\nTotal  10.00",
        "Nordlicht GmbH\nAngebot Nr. 12\nDatum: 01.02.2026\nGesamtbetrag  10,00 €",
        "Lieferschein 4711\nNordlicht GmbH\nDies ist keine Rechnung",
        "Minutes of the meeting\nWe talked about 12 things and went home.",
        "Test file",
    ],
)
def test_what_is_no_invoice_has_no_facts(text: str) -> None:
    """Orders, offers, delivery notes and letters are not read as invoices."""
    facts = read(text)
    assert facts.kind is Kind.OTHER
    assert facts == Facts()


def test_a_credit_note_is_one_and_names_its_own_number() -> None:
    """The number of the invoice it corrects is a decoy."""
    facts = read(
        """
        Au Bon Port SARL
        Avoir AV-2026-5
        Facture liée  FA-2026-10
        Date de facture  16/11/2026
        Total TTC  -233,47 €
        """
    )
    assert (facts.kind, facts.number) == (Kind.CREDIT_NOTE, "AV-2026-5")
    assert facts.total == Decimal("-233.47")
