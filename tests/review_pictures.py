"""The pictures of docs/review.md, made anew: `make pictures`."""

import os
import sys
import tempfile
from pathlib import Path

from driving import Browser
from PIL import Image
from reviewable import mixed_run

from pipeline.reviewing.command import review

_IMAGES = Path(__file__).parents[1] / "docs/images"
_COLOURS = 96  # the page is grey but for its boxes


def main() -> int:
    """Make a review of documents with seeded errors, and take its pictures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.chdir(folder)  # names of documents are short then
        output = folder / "review"
        run = mixed_run(Path("run"))
        if review(
            [f"--rows={run.output}", f"--output={output}", "--no_ocr", "--reviewer=accounts"]
        ):
            return 1
        with Browser(folder) as browser:
            browser.open((output / "index.html").as_uri())
            _go_to(browser, "invoice-06")
            _take(browser, "review", (1200, 800))
            _go_to(browser, "invoice-18")
            browser.press("+")
            browser.type("Keur")
            _take(browser, "review-add", (1200, 620), dark=True)
            browser.press("Escape")
            browser.press("q", *"anananan")
            _take(browser, "review-narrow", (700, 820))
    return 0


def _go_to(browser: Browser, name: str) -> None:
    while name not in str(browser.run("document.querySelector('#row h1').textContent")):
        browser.press("n")


def _take(browser: Browser, name: str, size: tuple[int, int], *, dark: bool = False) -> None:
    browser.resize(*size, dark=dark)
    browser.run("Promise.all([...document.images].slice(0, 2).map((image) => image.decode()))")
    browser.run("new Promise((done) => setTimeout(done, 300))")  # the bar moves for so long
    path = _IMAGES / f"{name}.png"
    browser.picture(path)
    with Image.open(path) as image:
        small = image.convert("RGB").quantize(
            _COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
        )
    small.save(path, optimize=True)
    browser.resize(1200, 800)


if __name__ == "__main__":
    sys.exit(main())
