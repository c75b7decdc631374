"""Pages show what a PDF holds: fields are drawn, shells and portfolios are told."""

import io

import pypdfium2
import pytest
from pypdf import PdfReader, PdfWriter

from sluicegate.faults import DocumentFault
from sluicegate.formats.limits import Limits
from sluicegate.media.prepare import prepare
from sluicegate.pdf.document import prepare_pdf
from tests.sluicegate.media import made

FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
WAIT = b"Please wait... If this message is not eventually replaced by the proper contents"


def form(
    *values: bytes, text: bytes = b"Invoice number:", more: bytes = b"", kind: bytes = b"Tx"
) -> bytes:
    """Return a PDF of one page with a field a value; b"" leaves a field empty."""
    fields = b" ".join(b"%d 0 R" % (5 + number) for number in range(len(values)))
    catalog, tree, page, content = made.pages()
    acro = (
        b"<< /DA (/Helv 10 Tf 0 g) /DR << /Font << /Helv %b >> >> /NeedAppearances true "
        b"/Fields [%b] %b >>" % (FONT, fields, more)
    )
    catalog = catalog.replace(b"/Pages", b"/AcroForm %b /Pages" % acro)
    page = page.replace(b"/Contents", b"/Annots [%b] /Contents" % fields)
    content = made.page(4, text)[1]
    widgets = [
        b"<< /Type /Annot /Subtype /Widget /FT /%b /T (f%d) /F 4 /P 3 0 R /DA (/Helv 10 Tf 0 g) "
        b"/Rect [50 %d 250 %d]%b >>"
        % (kind, at, 100 - 20 * at, 115 - 20 * at, b" /V (%b)" % value if value else b"")
        for at, value in enumerate(values)
    ]
    return made.pdf_of([catalog, tree, page, content, *widgets])


def text_of(data: bytes) -> str:
    """Return what the pages show, in a reader that draws no fields."""
    document = pypdfium2.PdfDocument(data)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def fault(data: bytes) -> DocumentFault:
    """Return what is wrong with a PDF."""
    with pytest.raises(DocumentFault) as caught:
        prepare_pdf(data, 100)
    return caught.value


def test_the_values_of_fields_are_drawn_into_the_page() -> None:
    """A form whose fields have no picture yet looks empty to who draws pages alone."""
    data = form(b"INV-2025-7", b"1,234.50")
    assert "INV-2025-7" not in text_of(data)
    shown = prepare_pdf(data, 100)
    assert "INV-2025-7" in text_of(shown.data)
    assert "1,234.50" in text_of(shown.data)
    assert "Invoice number" in text_of(shown.data)
    assert len(PdfReader(io.BytesIO(shown.data)).pages) == 1


def test_values_of_an_encrypted_form_are_drawn() -> None:
    """One that anybody may open; the copy needs no password either."""
    writer = PdfWriter(io.BytesIO(form(b"INV-9")))
    writer.encrypt("", "owner", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    assert "INV-9" in text_of(prepare_pdf(out.getvalue(), 100).data)


@pytest.mark.parametrize(
    "data", [form(b""), form(), form(b"x", kind=b"Sig"), made.pdf_of(made.pages())]
)
def test_a_pdf_without_values_is_sent_as_it_is(data: bytes) -> None:
    """Signed documents have a field each; nothing is written anew for it."""
    assert prepare_pdf(data, 100) == (data, (), 1)


def test_the_shell_of_an_xfa_form_is_told() -> None:
    """Its page says that it waits for Adobe Reader."""
    dynamic = form(text=WAIT, more=b"/XFA [(a) (b)]").replace(
        b"/Type /Catalog", b"/Type /Catalog /NeedsRendering true"
    )
    static = form(text=WAIT, more=b"/XFA [(a) (b)]")
    for data in (rewritten(dynamic), rewritten(static)):
        found = fault(data)
        assert found.code == "xfa_form"
        assert "Adobe Reader" in found.message


def rewritten(data: bytes) -> bytes:
    """Write a PDF anew, so that its offsets are right."""
    out = io.BytesIO()
    PdfWriter(io.BytesIO(data)).write(out)
    return out.getvalue()


def test_an_xfa_form_with_fields_or_a_printed_one_is_sent() -> None:
    """Where the page shows the document, the form beside it does no harm."""
    filled = prepare_pdf(form(b"INV-3", more=b"/XFA [(a) (b)]"), 100)
    assert "INV-3" in text_of(filled.data)
    printed = form(text=b"INVOICE 4 of a customer", more=b"/XFA [(a) (b)]")
    assert prepare_pdf(printed, 100).data == printed


def wrapping(names: list[str], *, collection: bool, packed: bool = False) -> bytes:
    """Return a PDF with files attached to it; a portfolio if it has a collection."""
    writer = PdfWriter(io.BytesIO(made.pdf_of(made.pages())))
    for name in names:
        writer.add_attachment(name, b"x" * 50)
    if collection:
        from pypdf.generic import DictionaryObject, NameObject  # noqa: PLC0415

        writer.root_object[NameObject("/Collection")] = DictionaryObject()
    out = io.BytesIO()
    writer.write(out)
    if packed:
        document = pypdfium2.PdfDocument(out.getvalue())
        again = io.BytesIO()
        document.save(again)
        document.close()
        return again.getvalue()
    return out.getvalue()


@pytest.mark.parametrize("packed", [False, True])
def test_a_portfolio_is_told_with_the_names_of_its_files(packed: bool) -> None:
    """Its page is a cover; what it holds would not be read."""
    found = fault(wrapping(["a.pdf", "b.pdf", "c.tif", "d.docx"], collection=True, packed=packed))
    assert found.code == "portfolio"
    assert "'a.pdf', 'b.pdf', 'c.tif' and 1 more" in found.message


def test_attached_documents_are_a_warning() -> None:
    """The page is the document; that there is more is said on its row."""
    shown = prepare_pdf(wrapping(["annex.pdf", "data.xml"], collection=False), 100)
    assert shown.warnings == ("attached to the PDF and not read: 'annex.pdf'",)
    assert prepare(wrapping(["annex.pdf"], collection=False), Limits())[0].warnings


@pytest.mark.parametrize("collection", [False, True])
def test_the_data_of_an_e_invoice_is_no_attached_document(collection: bool) -> None:
    """Factur-X and ZUGFeRD carry the same invoice as XML."""
    data = wrapping(["factur-x.xml"], collection=collection)
    assert prepare_pdf(data, 100) == (data, (), 1)


def test_hostile_forms_are_bounded() -> None:
    """Fields without end, and annotations that are none."""
    many = form(*[b"x"] * 300)
    assert "x" in text_of(prepare_pdf(many, 100).data)
    broken = form(b"INV-1").replace(b"/Annots [5 0 R]", b"/Annots [3 0 R 99 0 R 5 0 R]")
    assert prepare_pdf(rewritten(broken), 100).data
