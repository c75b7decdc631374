"""The pages of real reports, opened in headless Chromium. Skipped where there is none."""

from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from pages import Holdings, browse, find_chromium
from PIL import Image

from tests.sluicegate.evaluation.comparing import (
    HOSTILE,
    hostile_change_page,
    hostile_score_page,
)

PAGES = [hostile_change_page, hostile_score_page]
Page = Callable[[str], str]


@pytest.fixture(params=PAGES, ids=["compare", "evaluate"])
def page(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a page full of hostile text, in a file."""
    find_chromium()
    path = tmp_path / "page.html"
    make: Page = request.param
    path.write_text(make(HOSTILE), encoding="utf-8")
    return path


def test_a_browser_finds_the_page_as_it_was_written(page: Path, tmp_path: Path) -> None:
    """Parsed by a real browser, hostile text is still text: no script, no image, no handler."""
    found = Holdings(browse(page, tmp_path, "--dump-dom"))
    written = Holdings(page.read_text("utf-8"))
    assert found.tags == written.tags
    assert "script" not in found.tags
    assert "alert('x')" in found.text


def test_a_script_that_slipped_in_would_not_run(page: Path, tmp_path: Path) -> None:
    """The page forbids scripts, whoever wrote them."""
    script = "<script>document.title = 'owned'</script></body>"
    page.write_text(page.read_text("utf-8").replace("</body>", script), encoding="utf-8")
    seen = browse(page, tmp_path, "--dump-dom")
    assert "<script>" in seen
    assert "<title>owned" not in seen


@pytest.mark.parametrize("dark", [False, True])
def test_the_page_is_light_or_dark_as_the_reader_has_it(
    page: Path, tmp_path: Path, *, dark: bool
) -> None:
    """The paper is light by default and dark where that is asked for; ink is on it in both."""
    shot = tmp_path / "page.png"
    scheme = ["--blink-settings=preferredColorScheme=0"] if dark else []
    browse(page, tmp_path, f"--screenshot={shot}", "--window-size=900,1200", *scheme)
    with Image.open(shot) as image:
        gray = image.convert("L")
        darkest, lightest = gray.getextrema()
        corner = gray.getpixel((2, 2))
    assert image.size == (900, 1200)
    assert isinstance(corner, int)
    assert (corner < 60) if dark else (corner > 230)
    assert lightest - darkest > 150  # type: ignore[operator]


def test_the_page_prints(page: Path, tmp_path: Path) -> None:
    """On paper the whole report is there, tables and examples."""
    printed = tmp_path / "page.pdf"
    browse(page, tmp_path, f"--print-to-pdf={printed}", "--no-pdf-header-footer")
    pdf = pypdfium2.PdfDocument(printed)
    try:
        text = "".join(sheet.get_textpage().get_text_bounded() for sheet in pdf)
    finally:
        pdf.close()
    assert "Field by field" in text
    assert "Examples" in text
    assert "alert('x')" in text
