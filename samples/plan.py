"""What a sample shall be, and the making of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

from PIL.Image import Image

from samples import bare_pdf, flaws, pdf, raster
from samples.boxes import Boxes, boxes_of
from samples.invoice import Invoice, Kind, compose
from samples.languages import LANGUAGES
from samples.layouts import LAYOUTS, lay_out
from samples.sheet import Sheet

FORMATS = ("pdf", "scan", "png", "jpeg", "webp", "tiff")

_ONE_PAGE = {"png", "jpeg", "webp"}
_SUFFIXES = {"jpeg": "jpg", "scan": "pdf", "tiff": "tif"}
_MEDIA = {"pdf": "application/pdf", "scan": "application/pdf"}
_FLAW_MEDIA = {
    "text": "text/plain",
    "html": "text/html",
    "zip": "application/zip",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_PLAIN_FLAWS = {
    "text": flaws.text,
    "zip": flaws.archive,
    "html": flaws.html,
    "docx": flaws.docx,
    "blank_page": flaws.blank_page,
    "no_pages": flaws.no_pages,
    "png_bomb": flaws.png_bomb,
    "tiff_bomb": flaws.tiff_bomb,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The choices behind one sample; what is left open is drawn while it is made.

    `form` is one of FORMATS, `flaw` one of flaws.FLAWS or empty. `small` asks for few kilobytes:
    a bare PDF, 150 dpi. `airy` spreads few lines over more paper.
    """

    language: str
    layout: str
    form: str = "pdf"
    kind: Kind = "invoice"
    lines: int = 5
    wordy: bool = True
    currency: str | None = None
    flaw: str = ""
    small: bool = False
    airy: bool = False
    compression: raster.TiffCompression = "group4"

    @property
    def suffix(self) -> str:
        """The file name's ending, which for some flaws is a lie."""
        if self.flaw == "docx":
            return "docx"
        if self.flaw in {"misnamed", "html", "zip", "text"}:
            return "pdf"
        return _SUFFIXES.get(self.form, self.form)


def draw_plan(
    rng: Random, *, formats: Sequence[str] = FORMATS, broken: float = 0.0, small: bool = False
) -> Plan:
    """Choose at random; `broken` is the share of flawed files among all."""
    form = rng.choice(formats)
    flaw = ""
    if rng.random() < broken:
        fitting = [name for name, needs in flaws.FLAWS.items() if needs in {"", *formats}]
        flaw = rng.choice(fitting)
        form = flaws.FLAWS[flaw] or "pdf"
    kind: Kind = "credit_note" if rng.random() < 0.07 else "invoice"
    ordering = flaw == "purchase_order"
    few = rng.randint(1, 8)
    many = rng.randint(1, 40)
    return Plan(
        language=rng.choice(tuple(LANGUAGES)),
        layout=rng.choice([name for name in LAYOUTS if name != "slip" or not ordering]),
        form=form,
        kind="purchase_order" if ordering else kind,
        lines=few if small or rng.random() < 0.7 else many,
        wordy=not small,
        flaw=flaw,
        small=small,
        compression=rng.choice(raster.COMPRESSIONS),
    )


class Made(NamedTuple):
    """A document: its bytes, what is true of it, and where its values are printed."""

    data: bytes
    truth: dict[str, Any]
    boxes: Boxes


def make(plan: Plan, rng: Random, serial: int) -> Made:
    """Return a sample's bytes, its truth without the file's name, and its values' boxes.

    The truth's amounts and quantities are decimal strings. Where no row is expected, its fields
    are null. `media_type` goes by the content, and by the name where there is none; `pages` is
    null for what cannot be opened.
    """
    if plan.flaw == "empty":
        return Made(b"", _truth(plan, None, pages=None), {})
    if plan.flaw in _PLAIN_FLAWS:
        count = {"blank_page": 1, "no_pages": 0}.get(plan.flaw)
        data = _PLAIN_FLAWS[plan.flaw](f"{serial:06}")
        return Made(data, _truth(plan, None, pages=count), {})
    invoice, sheet = _draw(plan, rng, serial, plan.lines)
    while plan.form in _ONE_PAGE and len(sheet.pages) > 1:
        invoice, sheet = _draw(plan, rng, serial, len(invoice.lines) * 2 // 3)
    data, tilts = _encode(sheet, plan, rng)
    pages: int | None = len(sheet.pages)
    if plan.flaw == "truncated":
        data, pages = flaws.truncate(data, rng), None
    elif plan.flaw == "encrypted":
        data, pages = pdf.typeset(sheet, title=plan.kind, password=f"{serial:06}"), None
    elif plan.flaw == "corrupt_png":
        data, pages = flaws.corrupt(data), None
    boxes = _boxes(sheet, invoice, plan, tilts)
    return Made(data, _truth(plan, invoice, pages=pages), boxes)


def _draw(plan: Plan, rng: Random, serial: int, lines: int) -> tuple[Invoice, Sheet]:
    invoice = compose(
        rng,
        serial,
        kind=plan.kind,
        language=plan.language,
        lines=lines,
        wordy=plan.wordy,
        currency=plan.currency,
    )
    return invoice, lay_out(invoice, plan.layout, rng, airy=plan.airy)


def _encode(sheet: Sheet, plan: Plan, rng: Random) -> tuple[bytes, list[float]]:
    """Return the bytes, and by how many degrees each page lies askew."""
    if plan.form == "pdf":
        data = bare_pdf.write(sheet) if plan.small else pdf.typeset(sheet, title=plan.kind)
        return data, []
    source = bare_pdf.write(sheet)
    # One bit a pixel, or a till's small type, wants more pixels.
    coarse = plan.small or rng.random() < 0.5
    fine = plan.layout == "slip" or (plan.form == "tiff" and plan.compression == "group4")
    dpi = 150 if coarse and not fine else 200
    if plan.form == "png" and not plan.small and rng.random() < 0.4:
        return raster.to_png(raster.render(source, dpi, colour=True)[0], dpi), []  # never on paper
    images = [raster.crooked(image, rng) for image in raster.render(source, dpi)]
    tilts = [image.info["tilt"] for image in images]
    return _encode_images(images, plan, rng, dpi), tilts


def _encode_images(images: list[Image], plan: Plan, rng: Random, dpi: int) -> bytes:
    if plan.form == "png":
        return raster.to_png(images[0], dpi)
    if plan.form == "webp":
        return raster.to_webp(images[0], rng.randint(55, 80))
    if plan.form == "tiff":
        return raster.to_tiff(images, dpi, plan.compression)
    noisy = [raster.grainy(image, rng) for image in images]
    quality = rng.randint(60, 80)
    if plan.form == "jpeg":
        return raster.to_jpeg(noisy[0], dpi, quality)
    return raster.to_scan(noisy, dpi, quality)


def _boxes(sheet: Sheet, invoice: Invoice, plan: Plan, tilts: list[float]) -> Boxes:
    """Return the boxes as the pages lie: on paper they are askew."""
    found = boxes_of(sheet, invoice, bare=plan.form != "pdf" or plan.small)
    if not tilts:
        return found
    return {
        field: [box.turned(tilts[box.page - 1], sheet.width, sheet.height) for box in boxes]
        for field, boxes in found.items()
    }


def _truth(plan: Plan, invoice: Invoice | None, *, pages: int | None) -> dict[str, Any]:
    expect = flaws.EXPECTED.get(plan.flaw, "row")
    media = _FLAW_MEDIA.get(plan.flaw) or _MEDIA.get(plan.form, f"image/{plan.form}")
    known = invoice if expect == "row" else None
    drawn = plan if invoice else None
    return {
        "media_type": media,
        "pages": pages,
        "expect": expect,
        "kind": drawn.kind if drawn else None,
        "flaw": plan.flaw or None,
        "form": plan.form,
        "language": drawn.language if drawn else None,
        "layout": drawn.layout if drawn else None,
        "invoice_id": known and known.number,
        "vendor_name": known and known.vendor.name,
        "invoice_date": known and known.issued.isoformat(),
        "currency": known and known.currency,
        "total_amount": known and str(known.total),
        "subtotal": known and str(known.subtotal),
        "discount_amount": known and str(known.discount),
        "tax_amount": known and str(known.tax),
        "line_items": [
            {
                "description": line.description,
                "quantity": str(line.quantity),
                "total": str(line.total),
            }
            for line in (known.lines if known else ())
        ],
    }
