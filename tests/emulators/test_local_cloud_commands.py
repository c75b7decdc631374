"""``python -m emulators`` and ``python -m emulators.gemini`` run, pass exit codes on, and end."""

import base64
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from starting import ctrl_c_is_heard

import emulators.__main__ as command
from emulators.gemini.__main__ import main as serve_gemini
from emulators.gemini.process import GeminiProcess
from emulators.loopback import Loopback

ROOT = Path(__file__).resolve().parents[2]

MODULE = """
import json, os, sys, urllib.request
seen = {"argv": sys.argv[1:], "name": __name__}
with urllib.request.urlopen(os.environ["SLUICEGATE_GEMINI_ENDPOINT"] + "/_control/behaviour") as a:
    seen["rate"] = json.load(a)["requests_per_minute"]
with urllib.request.urlopen(os.environ["STORAGE_EMULATOR_HOST"] + "/storage/v1/b/in/o") as a:
    seen["objects"] = [each["name"] for each in json.load(a)["items"]]
with open(sys.argv[1], "a") as file:
    print(json.dumps(seen), file=file)
sys.exit(int(sys.argv[2]))
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a module to run in the current folder, and a file to upload."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "job_to_run.py").write_text(MODULE)
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "a.pdf").write_bytes(b"%PDF")
    return tmp_path


def test_modules_run_inside_the_cloud(module: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The module sees cloud, uploads and arguments; the second runs although the first failed."""
    before = os.environ.get("STORAGE_EMULATOR_HOST")
    code = command.main(
        [
            "--no-bigquery",
            "--upload=documents=gs://in/deep",
            "--gemini-args=--requests-per-minute 77",
            "--then=-m job_to_run seen.jsonl 0 {GOOGLE_CLOUD_PROJECT}",
            "--",
            *("-m", "job_to_run", "seen.jsonl", "3"),
        ]
    )
    assert code == 3
    first, second = map(json.loads, (module / "seen.jsonl").read_text().splitlines())
    assert first == {
        "argv": ["seen.jsonl", "3"],
        "name": "__main__",
        "rate": 77,
        "objects": ["deep/a.pdf"],
    }
    assert second["argv"][2] == "sluicegate-local"
    assert os.environ.get("STORAGE_EMULATOR_HOST") == before
    assert "Gemini stand-in: {" in capfd.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["--", "job"], [], ["serve", "--", "-m", "job"], ["--then", "job", "--", "-m", "job"]],
)
def test_a_wrong_command_line_is_explained(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is started for a command line that makes no sense."""
    with pytest.raises(SystemExit, match="2"):
        command.main(arguments)
    assert "error: " in capsys.readouterr().err


def test_gemini_runs_as_a_process_and_ends_on_sigterm() -> None:
    """It prints its URL, serves with the given flags, and ends in order."""
    arguments = ["--reader=canned", "--fault=http_503,share=0.5", "--latency=0.5", "--burst=3"]
    with subprocess.Popen(
        [sys.executable, "-m", "emulators.gemini", *arguments, "--model=gemini-9"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        with Loopback(int(url.rpartition(":")[2])) as connection:
            behaviour = connection.get_json("/_control/behaviour")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert behaviour["latency"] == 0.5
    assert behaviour["burst"] == 3
    assert behaviour["models"] == ["gemini-9"]
    assert behaviour["faults"][0]["share"] == 0.5


@pytest.mark.parametrize("flag", ["--fault=http_999", "--latency=-1", '--fault={"share": 1}'])
def test_wrong_gemini_flags_are_explained(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A behaviour that does not exist is an error of the command line."""
    with pytest.raises(SystemExit, match="2"):
        serve_gemini([flag])
    assert "error: " in capsys.readouterr().err


def test_serve_prints_the_environment_and_leaves_nothing_running(tmp_path: Path) -> None:
    """What it prints can be exported; Ctrl-C ends the servers too."""
    with ctrl_c_is_heard():
        serving = subprocess.Popen(
            [sys.executable, "-m", "emulators", "serve", "--no-bigquery", "--no-gemini"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
    with serving as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "# Ctrl-C stops the local cloud\n")
        exports = dict(line.removeprefix("export ").strip().split("=", 1) for line in lines)
        port = int(exports["STORAGE_EMULATOR_HOST"].rpartition(":")[2])
        with Loopback(port) as connection:
            assert connection.get_json("/storage/v1/b")["items"][0]["name"] == "sluicegate"
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 0
    with Loopback(port) as connection, pytest.raises(ConnectionError):
        connection.get_json("/storage/v1/b")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems cannot tie a child's life")
def test_servers_end_with_a_killed_parent() -> None:
    """Not even SIGKILL of the one who started them leaves servers behind."""
    program = (
        "import time; from emulators.gcs import GcsEmulator; e = GcsEmulator().start();"
        "print(e.folder, e.process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        folder, pid = process.stdout.readline().split()
        process.kill()
        process.wait(10)
    shutil.rmtree(folder)
    deadline = time.monotonic() + 10
    while _runs(int(pid)):
        assert time.monotonic() < deadline, f"process {pid} still runs"
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]
    except FileNotFoundError:
        return False
    # An orphan that ended waits as a zombie until whoever adopted it looks.
    return state != "Z"


def test_gemini_reads_documents_in_processes_of_their_own() -> None:
    """The real reader opens a PDF, finds nothing on its blank page, and refuses a broken one."""
    blank = io.BytesIO()
    document = pypdfium2.PdfDocument.new()
    document.new_page(200, 200)
    document.save(blank)
    document.close()
    with GeminiProcess() as server:
        status, answer = _extract(server.connection, blank.getvalue())
        text = answer["candidates"][0]["content"]["parts"][0]["text"]
        assert (status, json.loads(text)) == (200, {"invoice_id": None})
        assert answer["usageMetadata"]["promptTokenCount"] == 258
        status, answer = _extract(server.connection, blank.getvalue()[:300])
        assert (status, answer["error"]["message"]) == (400, "The document has no pages.")


def _extract(connection: Loopback, pdf: bytes) -> tuple[int, Any]:
    inline = {"mimeType": "application/pdf", "data": base64.b64encode(pdf).decode()}
    schema = {"type": "OBJECT", "properties": {"invoice_id": {"type": "STRING", "nullable": True}}}
    content = {
        "contents": [{"parts": [{"inlineData": inline}]}],
        "generationConfig": {"responseMimeType": "application/json", "responseSchema": schema},
    }
    path = "/v1beta/models/gemini-2.5-flash:generateContent"
    status, body = connection.send_json("POST", path, content)
    return status, json.loads(body)
