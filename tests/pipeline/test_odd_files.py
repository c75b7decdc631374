"""Files as the world sends them, through the whole job: told, warned of, left out."""

import json
from pathlib import Path
from typing import Any

import pytest
from support import Job

from sluicegate.summary import Summary
from tests.sluicegate.formats.test_known import zipped
from tests.sluicegate.media import made, pictures
from tests.sluicegate.pdf.test_forms import WAIT, form, rewritten, wrapping

PDF = made.pdf_of(made.pages())
SENT = {
    "plain.pdf": PDF,
    "form.pdf": form(b"INV-1"),
    "annex.pdf": wrapping(["a.pdf"], collection=False),
    "lying.jpg": made.jpeg(made.marked(), exif=made.exif(6)),
    "thumbnail.tif": made.tiff(
        made.of_image(made.marked((24, 16))).tagged(t254=1), made.of_image(made.marked())
    ),
}
TOLD = {
    "two.pdf": (PDF + made.with_second_page(PDF), "several_documents"),
    "cut.pdf": (made.with_second_page(PDF)[:-200], "truncated"),
    "portfolio.pdf": (wrapping(["a.pdf"], collection=True), "portfolio"),
    "shell.pdf": (rewritten(form(text=WAIT, more=b"/XFA [(a) (b)]")), "xfa_form"),
    "three.zip": (zipped("a.pdf", "b.pdf", "c.pdf", content=PDF), "unsupported_type"),
    "three.pdf": (zipped("a.pdf", "b.pdf", content=PDF), "unsupported_type"),
}
SYSTEM = {
    ".DS_Store": b"\0\0\0\x01Bud1",
    "Thumbs.db": b"x",
    "~$plain.docx": b"x",
    "._plain.pdf": b"x",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Fill a folder as a scanner, a mailer and three operating systems do."""
    place = tmp_path / "in"
    (place / "deep").mkdir(parents=True)
    for name, data in {**SENT, **{name: data for name, (data, _) in TOLD.items()}}.items():
        (place / name).write_bytes(data)
    for name, data in SYSTEM.items():
        (place / "deep" / name).write_bytes(data)
    (place / "deep" / "last.png").write_bytes(pictures.saved(made.marked((90, 60)), "PNG"))
    Path(f"{place}/Rechnung f\udcfcr.pdf").write_bytes(PDF)
    return place


def names(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return rows or failures by the names of their files."""
    return {row["document_uri"].rpartition("/")[2]: row for row in rows}


def test_odd_files_are_sent_right_or_told_before_a_call(folder: Path, job: Job) -> None:
    """Rows, failures and files left out add up; a warning is on its row, journalled too."""
    landed = job(input=f"{folder}/**")
    rows, failures = names(landed.rows), names(landed.failures)
    assert set(rows) == {*SENT, "last.png"}
    assert {name: failures[name]["code"] for name in TOLD} == {
        name: code for name, (_, code) in TOLD.items()
    }
    assert all(failures[name]["attempts"] == 0 for name in TOLD)
    (unnamed,) = set(failures) - set(TOLD)
    assert (failures[unnamed]["code"], failures[unnamed]["retryable"]) == ("bad_name", False)
    assert landed.summary.balanced
    assert (landed.summary.matched, landed.summary.excluded) == (6 + len(TOLD) + 1, 4)
    warned = ["attached to the PDF and not read: 'a.pdf'"]
    assert [w for w in rows["annex.pdf"]["provenance"]["warnings"] if "attached" in w] == warned
    assert not [w for w in rows["plain.pdf"]["provenance"]["warnings"] if "attached" in w]

    again = job(input=f"{folder}/annex.pdf", no_resume=True)
    (row,) = again.rows
    assert row["provenance"]["journaled"]
    assert [w for w in row["provenance"]["warnings"] if "attached" in w] == warned


def test_what_is_left_out_is_asked_for(folder: Path, job: Job) -> None:
    """By --exclude=none, by another list, and by naming a file outright."""
    deep = folder / "deep"
    everything = job(input=f"{deep}/*", exclude="none")
    assert everything.summary.excluded == 0
    assert set(names(everything.failures)) == set(SYSTEM)
    told = names(everything.failures)[".DS_Store"]
    assert (told["code"], "macOS" in told["message"]) == ("unsupported_type", True)
    chosen = job(input=f"{folder}/**", exclude="*.pdf,deep/**,*.zip")
    assert set(names(chosen.rows)) == {"lying.jpg", "thumbnail.tif"}
    named = job(input=f"{deep}/.DS_Store,{deep}/*", no_resume=True)
    assert (named.summary.matched, named.summary.excluded) == (2, 3)


def test_a_summary_without_excluded_files_is_read() -> None:
    """What earlier versions wrote has no such number."""
    old = {
        "run_id": "r", "started_at": "", "finished_at": "", "elapsed_seconds": 1, "balanced": True,
        "matched": 1, "rows": 1, "failures": 0, "skipped": 0, "journaled": 0,
    }  # fmt: skip
    assert Summary.from_json(json.dumps(old)).excluded == 0
