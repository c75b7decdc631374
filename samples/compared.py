"""`make compare`: the samples read twice, as coarse scans and as they are, compared and evaluated.

On the local cloud, as `make run`: coarse scans of the samples are stored and read, then the
samples themselves under the same names. `pipeline.compare` says what the better scans changed, and
`pipeline.evaluate` what the rows are worth. The pages and their JSON are left in out/reports.
"""

import io
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
from PIL import Image, ImageSequence, UnidentifiedImageError

import pipeline
from emulators.cloud import LocalCloud
from pipeline.comparison.command import compare, evaluate

_SAMPLES = Path(__file__).parent
_BUCKET = "sluicegate"
# As a screen shows a page; the samples' pictures have up to 300.
_COARSE_DPI = 72
_POINTS = 72
_LONG_SIDE = 842  # of A4 at that density


def coarse_scan(path: Path) -> bytes:
    """Return a document as a bad scanner would see it: gray, coarse, in the format it had.

    What cannot be opened stays as it is.
    """
    data = path.read_bytes()
    try:
        pages = _pages(data)
    except (pdfium.PdfiumError, UnidentifiedImageError, Image.DecompressionBombError, OSError):
        return data
    seen = [_coarse(page) for page in pages]
    file = io.BytesIO()
    kind = "PDF" if data.startswith(b"%PDF") else Image.open(io.BytesIO(data)).format
    options: dict[str, Any] = {}
    if kind in {"PDF", "TIFF"}:
        options = {"save_all": True, "append_images": seen[1:], "resolution": float(_COARSE_DPI)}
    if kind == "TIFF":
        options["compression"] = "tiff_deflate"
    seen[0].save(file, kind, **options)
    return file.getvalue()


def _pages(data: bytes) -> list[Image.Image]:
    if data.startswith(b"%PDF"):
        pdf = pdfium.PdfDocument(data)
        try:
            return [page.render(scale=_COARSE_DPI / _POINTS).to_pil() for page in pdf]
        finally:
            pdf.close()
    with Image.open(io.BytesIO(data)) as image:
        return [frame.copy() for frame in ImageSequence.Iterator(image)]


def _coarse(page: Image.Image) -> Image.Image:
    gray = page.convert("L")
    gray.thumbnail((_LONG_SIDE, _LONG_SIDE))
    return gray


def main(arguments: Sequence[str] | None = None) -> int:
    """Run both jobs and both reports into the folder given, or out/reports; return the worst."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    reports = Path(given[0] if given else "out/reports")
    with (
        LocalCloud(buckets=[_BUCKET], datasets=["demo"], gemini=True) as cloud,
        cloud.patch(),
        tempfile.TemporaryDirectory(prefix="sluicegate-scans-") as folder,
    ):
        scans = Path(folder) / "documents"
        shutil.copytree(_SAMPLES / "documents", scans)
        for path in filter(Path.is_file, scans.rglob("*")):
            path.write_bytes(coarse_scan(path))
        table = f"{cloud.project}:demo.invoices"
        for run_id, documents in (("coarse", scans), ("originals", _SAMPLES / "documents")):
            cloud.upload(_BUCKET, documents, "inbox")
            pipeline.run(
                input=f"gs://{_BUCKET}/inbox/**",
                output=table,
                failures=f"gs://{_BUCKET}/failures",
                run_id=run_id,
                project=cloud.project,
                gemini_service="developer",
                gemini_endpoint=cloud.gemini_url,
            )
        summaries = f"gs://{_BUCKET}/summaries"
        worst = compare(
            [
                f"--before={summaries}/coarse.json",
                f"--after={summaries}/originals.json",
                f"--report={reports}/compare",
            ]
        )
        return worst or evaluate(
            [
                f"--rows={summaries}/coarse.json",
                f"--truth={os.path.relpath(_SAMPLES / 'truth.jsonl')}",
                f"--report={reports}/evaluate",
            ]
        )


if __name__ == "__main__":
    os.environ.setdefault("GEMINI_API_KEY", "local-key")
    sys.exit(main())
