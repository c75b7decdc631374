"""A review that is served: who may ask, what a full disk does, and two servers of one folder."""

import errno
import http.client
import json
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from reviewable import Run, invoice

from pipeline.reviewing import decision_log
from pipeline.reviewing.command import review
from pipeline.reviewing.decision_log import DecisionLog
from pipeline.reviewing.reading import select
from pipeline.reviewing.server import Review, ReviewServer
from pipeline.reviewing.settings import read_review_settings


class Served:
    """A review of one document, served in this process."""

    def __init__(self, folder: Path) -> None:
        run = Run(folder)
        data, truth = invoice(1)
        self.uri = run.add("a.pdf", data, [truth], truth)
        self.run = run.write()
        flags = {"rows": run.output, "output": str(folder / "review"), "serve": "true"}
        selection = select(read_review_settings(flags | {"ocr": "false"}))
        self.key = selection.chosen.worst[0]
        self.log = DecisionLog(folder / "review")
        self.server = ReviewServer.at(folder / "review", Review(selection, self.log))

    def ask(
        self, path: str, body: Any = None, *, token: str = "", **headers: str
    ) -> tuple[int, bytes]:
        """Send a request as the page would, but for what is given; return status and content."""
        own = f"127.0.0.1:{self.server.port}"
        sent = {"Host": own, "Origin": f"http://{own}"} | headers
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        try:
            connection.request(
                "GET" if body is None else "POST",
                f"/{token or self.server.token}/{path}",
                None if body is None else json.dumps(body).encode(),
                {name: value for name, value in sent.items() if value},
            )
            answer = connection.getresponse()
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["Cache-Control"] == "no-store"
            return answer.status, answer.read()
        finally:
            connection.close()

    def decision(self, **state: Any) -> dict[str, Any]:
        """Return a decision about the document."""
        return {"id": self.key, "state": state, "lines": [{"document_uri": self.uri}]}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """Serve a review of one document."""
    found = Served(tmp_path)
    thread = Thread(target=found.server.serve)
    thread.start()
    yield found
    found.server.stop()
    thread.join()
    found.server.close()
    found.log.close()


def test_who_may_ask(served: Served) -> None:
    """The page itself: not who lacks the token, nor a site whose name points here, nor another."""
    assert served.ask("")[0] == 200
    assert served.ask(f"document/{served.key}")[0] == 200
    assert served.ask(f"page/{served.key}-0.webp")[1][8:12] == b"WEBP"
    assert served.ask("decide", served.decision(n=1))[0] == 200
    assert served.ask("", token="x" * 24)[0] == 404
    assert served.ask("", Host="evil.example")[0] == 403
    assert served.ask("decide", served.decision(), Origin="http://evil.example")[0] == 403
    assert served.ask("decide", served.decision(), Origin="")[0] == 403
    assert served.ask("decide", {"id": "0" * 32, "state": {}, "lines": []})[0] == 400
    for path in ("document/" + "0" * 32, f"page/{served.key}-7.webp", "../../etc/passwd", "save2"):
        assert served.ask(path)[0] == 404
    assert served.ask("states")[1] == json.dumps({served.key: {"n": 1}}).replace(" ", "").encode()
    place = served.run.folder / "review/.address"
    assert place.stat().st_mode & 0o077 == 0


def test_a_full_disk_is_said_and_leaves_no_half_line(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page is told; what was kept before is there, and what comes after is whole."""
    log = served.run.folder / "review" / decision_log.DECISIONS
    write = os.write

    def broken(file: int, data: Any) -> int:
        if len(bytes(data)) > 20 and b"second" in bytes(data):
            write(file, bytes(data)[:20])
            raise OSError(errno.ENOSPC, "no space left")
        return write(file, data)

    assert served.ask("decide", served.decision(n="first"))[0] == 200
    monkeypatch.setattr(os, "write", broken)
    status, said = served.ask("decide", served.decision(n="second"))
    assert (status, b"no space left" in said) == (507, True)
    monkeypatch.setattr(os, "write", write)
    assert served.ask("decide", served.decision(n="third"))[0] == 200
    states = [json.loads(line)["state"] for line in log.read_text().splitlines()]
    assert states == [{"n": "first"}, {"n": "third"}]
    assert served.ask("save", {})[0] == 200
    saved = (served.run.folder / "review/corrections.jsonl").read_text()
    assert json.loads(saved) == {"document_uri": served.uri}


def test_one_server_a_folder(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    """A second one is refused: two would not know of each other's decisions."""
    folder = served.run.folder / "review"
    code = review([f"--rows={served.run.output}", f"--output={folder}", "--serve", "--no_ocr"])
    assert code == 2
    assert "another review is being served" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--worst=0", "--random=0"], "nothing to look at"),
        (["--worst=5000"], "give --serve, or fewer"),
        (["--document_type=invoicee"], "invoicee"),
        (["--rows=/nowhere"], "/nowhere"),
        (["--serve", "--output=gs://b/c"], "a folder of this machine"),
        (["--output=/dev/null/x"], "--output"),
    ],
)
def test_bad_flags_are_said_in_a_sentence(
    flags: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is read."""
    Run(tmp_path).write()
    given = {"--rows": f"{tmp_path}/out", "--output": f"{tmp_path}/review"}
    given |= dict(flag.partition("=")[::2] for flag in flags)
    arguments = [f"{name}={value}" if value else name for name, value in given.items()]
    assert review(arguments) == 2
    assert says in capsys.readouterr().err


def test_what_was_cut_by_a_lost_machine_is_passed_over(tmp_path: Path) -> None:
    """The line after it is whole."""
    (tmp_path / decision_log.DECISIONS).write_bytes(b'{"id": "a", "uri"')
    log = DecisionLog(tmp_path)
    assert log.decisions == {}
    log.close()
    assert (tmp_path / decision_log.DECISIONS).read_bytes() == b'{"id": "a", "uri"\n'
