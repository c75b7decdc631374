"""The small set that is kept beside this code: a little of everything, broken files included."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random

from samples.generator import Sample, as_line
from samples.plan import Plan, make

_SEED = "committed"
_Picture = partial(Plan, small=True, wordy=False)

# The order is the serial number; append, so that the others stay as they are.
PLANS: dict[str, Plan] = {
    "invoice.pdf": Plan(language="en", layout="rows", currency="USD", lines=5),
    "Rechnung Büro.pdf": Plan(language="de", layout="strip", currency="EUR", lines=6),
    "facture.pdf": Plan(language="fr", layout="grid", currency="EUR", lines=4),
    "factura.pdf": Plan(language="es", layout="letter", currency="EUR", lines=5),
    "factuur drie pagina's.pdf": Plan(language="nl", layout="rows", lines=27, airy=True),
    "nota de crédito.pdf": Plan(language="pt", layout="strip", kind="credit_note", lines=3),
    "fattura.pdf": Plan(language="it", layout="slip", currency="CHF", lines=6),
    "scans/invoice from the scanner.pdf": _Picture(
        language="en", layout="grid", form="scan", currency="GBP", lines=4
    ),
    "invoice-photo.png": _Picture(
        language="en", layout="rows", form="png", currency="USD", lines=4
    ),
    "ticket-de-caisse.png": _Picture(language="fr", layout="slip", form="png", lines=6),
    "Rechnung-Schweiz.png": _Picture(
        language="de", layout="letter", form="png", currency="CHF", lines=3
    ),
    "recibo.jpg": _Picture(language="es", layout="slip", form="jpeg", currency="EUR", lines=4),
    "invoice-yen.jpg": _Picture(
        language="en", layout="strip", form="jpeg", currency="JPY", lines=3
    ),
    "fattura.webp": _Picture(language="it", layout="rows", form="webp", currency="EUR", lines=4),
    "fax-two-pages.tif": _Picture(
        language="en", layout="strip", form="tiff", currency="SEK", lines=13, airy=True
    ),
    "Rechnung zwei Seiten.tif": _Picture(
        language="de", layout="rows", form="tiff", lines=13, airy=True, compression="lzw"
    ),
    "broken/empty.pdf": Plan(language="en", layout="rows", flaw="empty"),
    "broken/truncated.pdf": Plan(language="en", layout="strip", flaw="truncated"),
    "broken/encrypted.pdf": Plan(language="en", layout="rows", flaw="encrypted"),
    "broken/blank-page.pdf": Plan(language="en", layout="rows", flaw="blank_page"),
    "broken/web-page.pdf": Plan(language="en", layout="rows", flaw="html"),
    "broken/corrupt.png": _Picture(language="en", layout="slip", form="png", flaw="corrupt_png"),
    "broken/bomb.tif": Plan(language="en", layout="rows", form="tiff", flaw="tiff_bomb"),
    "broken/bomb.png": Plan(language="en", layout="rows", form="png", flaw="png_bomb"),
    "purchase-order.pdf": Plan(
        language="en", layout="grid", kind="purchase_order", flaw="purchase_order"
    ),
    "image-in-disguise.pdf": _Picture(
        language="nl", layout="slip", form="png", flaw="misnamed", lines=3
    ),
}


def samples() -> Iterator[Sample]:
    """Make the set, one document after the other."""
    for serial, (name, plan) in enumerate(PLANS.items(), start=1):
        data, truth, boxes = make(plan, Random(f"{_SEED}/{name}"), serial)
        yield Sample(name, data, {"file": name, **truth}, boxes)


def write(out: Path) -> int:
    """Write the set into `out/documents` and `out/truth.jsonl`; return how many documents."""
    lines = []
    for sample in samples():
        path = out / "documents" / sample.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(sample.data)
        lines.append(as_line(sample.truth))
    (out / "truth.jsonl").write_text("".join(lines), encoding="utf-8")
    return len(lines)
