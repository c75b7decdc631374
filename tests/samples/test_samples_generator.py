"""The generator: what it promises about determinism, totals and variety."""

import hashlib
import io
import json
from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageSequence

from samples import generator
from samples.__main__ import main
from samples.generator import Sample, generate


def small_pdfs(count: int) -> Iterator[Sample]:
    """Yield small samples with a text layer."""
    return (generate(3, n, formats=("pdf",), small=True) for n in range(count))


def text_of(data: bytes) -> str:
    """Return the text layer of all pages, with plain spaces."""
    document = pdfium.PdfDocument(data)
    parts = []
    for page in document:
        layer = page.get_textpage()
        parts.append(layer.get_text_bounded())
        layer.close()
        page.close()
    document.close()
    return "\n".join(parts).replace("\u00a0", " ")


@pytest.mark.parametrize("form", ["pdf", "scan", "png", "jpeg", "webp", "tiff"])
def test_the_same_number_gives_the_same_bytes(form: str) -> None:
    """A sample depends on its seed and index alone."""
    first, second = (generate(7, 5, formats=(form,)) for _ in range(2))
    assert (first.name, first.truth) == (second.name, second.truth)
    if form == "tiff":  # libtiff leaves the byte that aligns a strip as it found it in memory
        assert pixels(first.data) == pixels(second.data)
    else:
        assert first.data == second.data
    assert generate(8, 5, formats=(form,)).data != first.data


def pixels(data: bytes) -> list[tuple[str, bytes]]:
    """Return mode and pixels of every page of a TIFF."""
    with Image.open(io.BytesIO(data)) as image:
        return [(page.mode, page.tobytes()) for page in ImageSequence.Iterator(image)]


def test_samples_differ_from_each_other() -> None:
    """No two documents have the same content or the same invoice number."""
    made = list(small_pdfs(300))
    assert len({hashlib.sha256(sample.data).digest() for sample in made}) == 300
    assert len({sample.truth["invoice_id"] for sample in made}) == 300


def test_totals_add_up() -> None:
    """A total is its lines less the discount plus the tax, and a credit note's is negative."""
    discounted = 0
    for sample in small_pdfs(400):
        truth = sample.truth
        lines = sum((Decimal(line["total"]) for line in truth["line_items"]), Decimal(0))
        tax, discount = Decimal(truth["tax_amount"]), Decimal(truth["discount_amount"])
        assert lines == Decimal(truth["subtotal"])
        assert Decimal(truth["total_amount"]) == lines - discount + tax
        assert (lines < 0) == (truth["kind"] == "credit_note")
        discounted += discount > 0
    assert discounted > 20


def test_everything_varies() -> None:
    """A few hundred samples show all languages, layouts, currencies and both kinds."""
    truths = [sample.truth for sample in small_pdfs(400)]
    assert {t["language"] for t in truths} == {"en", "de", "fr", "es", "it", "pt", "nl"}
    assert {t["layout"] for t in truths} == {"rows", "strip", "grid", "letter", "slip"}
    assert {t["currency"] for t in truths} == {"EUR", "USD", "GBP", "CHF", "JPY", "SEK"}
    assert {t["kind"] for t in truths} == {"invoice", "credit_note"}


@pytest.mark.parametrize("small", [True, False])
def test_the_text_layer_says_what_the_truth_says(small: bool) -> None:
    """Number, vendor and short descriptions can be read from either writer's PDF."""
    for n in range(40):
        sample = generate(11, n, formats=("pdf",), small=small)
        text = text_of(sample.data)
        assert sample.truth["invoice_id"] in text
        assert sample.truth["vendor_name"].split(" ", maxsplit=1)[0] in text
        for line in sample.truth["line_items"]:
            assert line["description"].split(" ", maxsplit=1)[0] in text


def test_pages_are_counted_rightly() -> None:
    """The truth's number of pages is the file's, whatever its format."""
    several = 0
    for n in range(24):
        sample = generate(2, n, formats=("pdf", "scan", "tiff", "png"))
        if sample.truth["media_type"] == "application/pdf":
            document = pdfium.PdfDocument(sample.data)
            pages = len(document)
            document.close()
        else:
            with Image.open(BytesIO(sample.data)) as image:
                pages = getattr(image, "n_frames", 1)
        assert pages == sample.truth["pages"]
        several += pages > 1
    assert several > 3


def test_a_scan_has_no_text_layer() -> None:
    """A scanned PDF is pictures only."""
    assert not text_of(generate(1, 1, formats=("scan",), small=True).data).strip()


def test_writing_does_not_depend_on_the_number_of_processes(tmp_path: Path) -> None:
    """Two processes write the same files and the same truth as one."""
    for jobs in (1, 2):
        tally = generator.write(
            tmp_path / str(jobs), 60, seed=4, formats=("pdf",), small=True, jobs=jobs
        )
        assert tally == {"row": 60}
    one, two = (sorted((tmp_path / str(jobs)).iterdir()) for jobs in (1, 2))
    assert [path.name for path in one] == [path.name for path in two]
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_the_command_writes_documents_and_truth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command line leaves one line of truth for every file."""
    out = tmp_path / "made"
    options = ["--count", "20", "--formats", "pdf", "--small", "--broken", "0.5"]
    assert main(["--out", str(out), *options]) == 0
    truths = [json.loads(line) for line in (out / "truth.jsonl").read_text("utf-8").splitlines()]
    assert {t["file"] for t in truths} == {p.name for p in out.iterdir()} - {"truth.jsonl"}
    assert len(truths) == 20
    assert "20 documents" in capsys.readouterr().out


def test_wrong_settings_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong format or share is refused with the right ones."""
    with pytest.raises(ValueError, match="unknown formats: doc; choose from pdf"):
        generate(0, 0, formats=("doc",))
    with pytest.raises(ValueError, match="between 0 and 1"):
        generate(0, 0, broken=2)
    with pytest.raises(SystemExit):
        main(["--out", "x", "--formats", "bmp"])
    assert "choose from" in capsys.readouterr().err
