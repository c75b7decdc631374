"""A review in a real browser, by keys alone: forty documents, from a folder and from the server."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from driving import Browser
from pages import find_chromium
from reviewable import NAMES, Run, mixed_run
from support import read_rows

from pipeline.comparison.command import evaluate
from pipeline.reviewing.command import review
from pipeline.reviewing.decision_log import DecisionLog
from pipeline.reviewing.landing import correct
from pipeline.reviewing.reading import select
from pipeline.reviewing.server import Review, ReviewServer
from pipeline.reviewing.settings import read_review_settings

_SELECTED = "document.querySelector('.value.on')"
_DAY = "document.querySelector('[data-path=invoice_date] .text')?.textContent"
_DOCUMENT = "document.querySelector('#row .uri')?.textContent ?? ''"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run over forty documents with seeded errors."""
    find_chromium()
    return mixed_run(tmp_path_factory.mktemp("run"))


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    """Return a browser with a profile of its own."""
    with Browser(tmp_path) as driven:
        yield driven


class Person:
    """Somebody at the keyboard who knows what is true, and presses keys alone."""

    def __init__(self, browser: Browser, run: Run) -> None:
        self.browser, self.run = browser, run
        self.keys = 0

    def press(self, *keys: str) -> None:
        """Press keys, and count them."""
        self.keys += len(keys)
        self.browser.press(*keys)

    @property
    def uri(self) -> str:
        """The document that is shown."""
        return str(self.browser.run(_DOCUMENT))

    @property
    def path(self) -> str:
        """The value that is chosen."""
        return str(self.browser.run(f"{_SELECTED}?.dataset.path ?? ''"))

    @property
    def value(self) -> str:
        """What it is."""
        return str(self.browser.run(f"{_SELECTED}?.querySelector('.text')?.textContent ?? ''"))

    @property
    def left(self) -> bool:
        """Whether something is left to look at in the document."""
        said = str(self.browser.run("document.getElementById('where').textContent"))
        return "to look at" in said and "nothing" not in said

    @property
    def has_added(self) -> bool:
        """Whether a line was added to the record."""
        return bool(self.browser.run("document.querySelector('tr.added') !== null"))

    def correct(self, value: Any) -> None:
        """Type another value over the chosen one, or say that there is none."""
        if value is None:
            self.press("0")
        else:
            self.press("Backspace", *str(value), "Enter")

    def look(self, truth: dict[str, Any]) -> None:
        """Decide about the chosen value."""
        path = self.path
        if path == "line_items":
            if not self.has_added:
                self.press("+")
                self.fill_line(truth["line_items"][-1])
            else:
                self.press("Enter")
        elif path.startswith("line_items["):
            number = int(path[len("line_items[") : path.index("]")])
            self.judge(truth["line_items"][number][path.rpartition(".")[2]])
        else:
            self.judge(truth[path])

    def judge(self, true: Any) -> None:
        """Accept the value or correct it."""
        if str(true) == self.value or _same_number(true, self.value):
            self.press("Enter")
        else:
            self.correct(true)

    def fill_line(self, item: dict[str, Any]) -> None:
        """Type a line: the first cell is being typed into already."""
        for number, name in enumerate(("description", "quantity", "total")):
            if number:
                self.press("Backspace")
            self.press(*str(item[name]), "Enter")

    def fill_record(self, truth: dict[str, Any]) -> None:
        """Type a record that was missed, and its lines."""
        for number, name in enumerate(NAMES):
            if number:
                self.press("Backspace")
            self.press(*str(truth[name] or ""), "Enter")
        for item in truth["line_items"]:
            self.press("+")
            self.fill_line(item)

    def go_to(self, path: str) -> None:
        """Go to a value with the arrows."""
        for _ in range(10):
            if self.path == path:
                return
            self.press("ArrowDown")
        raise AssertionError(f"{path} is not reached; at {self.path}")

    def review_document(self) -> None:
        """Look at what is doubtful, add what is missing, and go on."""
        records = self.run.truth[self.uri]
        name = Path(self.uri).name
        while self.left:
            before = (self.path, self.has_added)
            self.look(records[0])
            assert (self.path, self.has_added) != before or not self.left
        if name == "two in one.pdf":
            self.press("+", "r")
            self.fill_record(records[1])
        elif name == "missed.pdf":
            self.press("+")
            self.fill_record(records[0])
        elif self.browser.run(f"{_DAY} === '–'") and records[0]["invoice_date"]:
            self.go_to("invoice_date")  # unless the page was seen to have a day
            self.correct(records[0]["invoice_date"])
        elif name.startswith("invoice-") and int(name[8:10]) % 8 == 2 and not self.has_added:
            self.go_to("line_items")  # that a line is missing is not seen on every page
            self.look(records[0])
            assert self.path == "line_items"
            self.press("Enter")
        self.press("n")
        self.browser.wait("!document.body.classList.contains('loading')")


def _same_number(true: Any, shown: str) -> bool:
    try:
        return float(str(true)) == float(shown)
    except ValueError:
        return False


def test_forty_documents_are_reviewed_by_keys_alone(
    run: Run, browser: Browser, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every seeded error is met and mended, what was missed is added; evaluate reads the result.

    A document that is all markup does nothing but be shown.
    """
    folder = tmp_path / "review"
    code = review([f"--rows={run.output}", f"--output={folder}", "--no_ocr", "--reviewer=tester"])
    assert code == 0, capsys.readouterr().err
    browser.open((folder / "index.html").as_uri())
    person = Person(browser, run)
    for _ in range(len(run.truth)):
        person.review_document()
    assert browser.run("document.body.classList.contains('finished')")
    # Nothing is lost when the page is opened again.
    browser.open((folder / "index.html").as_uri())
    assert browser.run("document.querySelector('[data-queue=worst] .count').textContent") == (
        f"{len(run.truth)} of {len(run.truth)}"
    )
    browser.press("s")
    saved = tmp_path / "corrections.jsonl"
    browser.wait_for_file(saved)
    assert browser.said() == []
    assert {address.partition(":")[0] for address in browser.requested()} <= {"file", "blob"}
    lines = [json.loads(line) for line in saved.read_text("utf-8").splitlines()]
    _check_lines(lines, run)
    report = tmp_path / "report"
    code = evaluate([f"--rows={run.output}", f"--truth={saved}", f"--report={report}"])
    assert code == 0, capsys.readouterr().err
    found = json.loads(report.with_suffix(".json").read_text("utf-8"))
    assert found["records"] == found["records"] | {"missed": 2, "invented": 0}
    fields = {field["field"]: field for field in found["fields"]}
    assert {name: fields[name]["wrong"] for name in NAMES} == {
        "invoice_id": 4, "vendor_name": 0, "invoice_date": 0, "currency": 0, "total_amount": 5,
    }  # fmt: skip
    assert fields["invoice_date"]["missing"] == 5 + 2  # null in the row; of two records without row
    assert fields["line_items"]["missing"] > 5
    corrected = tmp_path / "corrected"
    flags = [f"--corrections={saved}", f"--output={corrected}", "--output_format=jsonl"]
    assert correct(flags) == 0, capsys.readouterr().err
    landed = read_rows(f"{next((corrected / 'rows').iterdir())}/rows-*.jsonl")
    assert len(landed) == sum(line["review"]["verdict"] != "unseen" for line in lines)


def test_a_value_is_chosen_by_its_box_and_a_box_by_its_value(
    run: Run, browser: Browser, tmp_path: Path
) -> None:
    """By the mouse, with words of the page taken over; and the random queue says how good it is."""
    folder = tmp_path / "review"
    flags = [f"--rows={run.output}", f"--output={folder}", "--no_ocr", "--worst=4", "--random=2"]
    assert review(flags) == 0
    browser.open((folder / "index.html").as_uri())
    person = Person(browser, run)
    while not Path(person.uri).name.startswith("invoice-01"):
        person.press("n")
    browser.click(".box[title=vendor_name]")
    assert person.path == "vendor_name"
    browser.click("[data-path=invoice_id]")
    assert browser.run("document.querySelector('.box.on').title") == "invoice_id"
    true = run.truth[person.uri][0]
    person.press("e")
    browser.click(".box[title=invoice_date]")
    assert browser.run("document.querySelector('.typed').value") not in ("", true["invoice_id"])
    person.press("Escape")
    assert person.value == true["invoice_id"]
    person.press("0")
    assert browser.run("document.querySelector('[data-path=invoice_id] .text').textContent") == "–"
    person.press("u")
    assert (
        browser.run("document.querySelector('[data-path=invoice_id] .text').textContent")
        == (true["invoice_id"])
    )
    person.press("q", "a", "n", "a", "n")
    said = browser.run("document.getElementById('measure').textContent")
    assert "2 of 2 documents right in all (34.2 % to 100.0 %)" in said
    assert "95 % interval" in said
    person.press("q")
    said = browser.run("document.getElementById('measure').textContent")
    assert "says nothing about all documents" in said
    assert browser.said() == []


def test_a_server_that_is_killed_loses_no_decision(
    run: Run, browser: Browser, tmp_path: Path
) -> None:
    """What was decided is there after SIGKILL; what is decided meanwhile is kept afterwards."""
    folder = tmp_path / "served"
    with _served(run, folder) as (server, address):
        browser.open(address)
        person = Person(browser, run)
        for _ in range(6):
            person.review_document()
        shown = person.uri
        server.kill()
        server.wait(30)
    assert person.browser.run(_DOCUMENT) == shown
    person.press("a")
    browser.wait("document.getElementById('where').textContent.startsWith('NOT KEPT')")
    with _served_here(run, folder) as again:
        assert again == address
        browser.wait("!document.getElementById('where').textContent.startsWith('NOT KEPT')")
    decisions = _decisions(folder)
    assert len(decisions) == 7
    assert [Path(each["uri"]).name for each in decisions][-1] == Path(shown).name


def _check_lines(lines: list[dict[str, Any]], run: Run) -> None:
    """Hold the lines of truth against what is true, column by column that was looked at."""
    by_uri: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        by_uri.setdefault(line["document_uri"], []).append(line)
        assert line["review"]["reviewer"] == "tester"
        assert line["review"]["reviewed_at"].endswith("Z")
    for uri, records in run.truth.items():
        name = Path(uri).name
        for line in by_uri.get(uri, []):
            true = records[line.get("record_index", 0)]
            looked = [n for n in (*NAMES, "line_items") if f"{n}_scored" not in line]
            if line["review"]["verdict"] == "unseen":
                assert (looked, name) == ([], "two in one.pdf")
                continue
            in_lines = any("[" in path for path in line["review"]["looked_at"])
            assert looked or in_lines, (name, line)
            for column in looked:
                assert _plain(line[column]) == _plain(true[column]), (name, column)
    assert len(by_uri[next(uri for uri in by_uri if uri.endswith("two in one.pdf"))]) == 2
    added = [line for line in lines if line["review"]["verdict"] == "added"]
    assert [Path(line["document_uri"]).name for line in added] == ["missed.pdf", "two in one.pdf"]
    assert added[1]["record_index"] == 1
    corrected = [line for line in lines if line["review"]["verdict"] == "corrected"]
    assert len(corrected) == sum(kind % 8 in (1, 2, 3, 5, 6) for kind in range(37))


@contextmanager
def _served(run: Run, folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Serve a review in a process of its own; give the process and the address that it printed."""
    command = [
        sys.executable, "-m", "pipeline.review", f"--rows={run.output}", f"--output={folder}",
        "--serve", "--no_ocr", "--random=0",
    ]  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        try:
            said = iter(server.stderr.readline, "")
            yield server, next(line.split()[-1] for line in said if line.startswith("open "))
        finally:
            server.kill()


@contextmanager
def _served_here(run: Run, folder: Path) -> Iterator[str]:
    """Serve the same review again, in this process; give its address."""
    flags = {"rows": run.output, "output": str(folder), "serve": "true", "ocr": "false"}
    selection = select(read_review_settings(flags))
    log = DecisionLog(folder)
    server = ReviewServer.at(folder, Review(selection, log))
    thread = Thread(target=server.serve)
    thread.start()
    try:
        yield server.address
    finally:
        server.stop()
        thread.join()
        server.close()
        log.close()


def _decisions(folder: Path) -> list[dict[str, Any]]:
    """Return the last decision about each document, in the order of the first ones."""
    found: dict[str, dict[str, Any]] = {}
    for line in (folder / "decisions.jsonl").read_text().splitlines():
        decision = json.loads(line)
        found[decision["id"]] = decision
    return list(found.values())


def _plain(value: Any) -> Any:
    """Return a value so that 2.50, 2.5 and "2.5" are the same."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    try:
        return None if value is None else float(value)
    except ValueError:
        return value
