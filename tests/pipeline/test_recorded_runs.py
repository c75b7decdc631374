"""Every recorded reply, over HTTP, to the real client inside the whole command."""

import gzip
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support import files, read_failures, read_rows, sha256, write_invoices

from pipeline import command
from sluicegate.codes import DOCUMENT_CODES
from tests.pipeline.replaying import Replies, Served, serving
from tests.sluicegate.recordings import Recording, each, recordings

_HEALTHY = 12
# How often a trouble is met before the document is answered, by its verdict.
_TROUBLES = {"Retry": 2, "RateLimited": 1}


@pytest.fixture
def high_start() -> None:
    """Begin as a run does: some calls are rejected here."""


@dataclass(frozen=True)
class Ended:
    """What a run of the command left behind."""

    exit_code: int
    said: str  # on both streams, and in the log
    folder: Path

    @property
    def last_line(self) -> str:
        """The run's last word."""
        return self.said.strip().splitlines()[-1]

    @property
    def rows(self) -> dict[str, dict[str, Any]]:
        """Rows by the name of their document."""
        found = read_rows(f"{self.folder}/out/rows/{_RUN}/*.avro")
        return {Path(row["document_uri"]).name: row for row in found}

    @property
    def failures(self) -> dict[str, dict[str, Any]]:
        """Failure records by the name of their document."""
        found = read_failures(f"{self.folder}/out/failures/{_RUN}/*.jsonl")
        return {Path(record["document_uri"]).name: record for record in found}

    def everything(self) -> bytes:
        """Return all that was said or written."""
        kept = b"".join(p.read_bytes() for p in sorted(self.folder.rglob("*")) if p.is_file())
        return self.said.encode() + kept


_RUN = "r1"


@pytest.fixture
def run(
    tmp_path: Path,
    api_key: str,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    tenfold_clock: None,
) -> Any:
    """Return a function that runs the command on a folder of documents, as a shell would."""
    monkeypatch.setattr(command, "quiet_logs", lambda: None)

    def start(
        replies: Replies, documents: Path, service: str, *flags: str, run_id: str = _RUN
    ) -> Ended:
        if service == "vertex":
            flags = ("--project=p", "--gemini_service=vertex", *flags)
        with caplog.at_level(logging.INFO), serving(replies):
            code = command.main(
                [
                    f"--input={documents}/*.pdf",
                    f"--output={tmp_path / 'out'}",
                    f"--gemini_endpoint={replies.url}",
                    f"--run_id={run_id}",
                    *flags,
                ]
            )
        out, err = capfd.readouterr()
        return Ended(code, caplog.text + out + err, tmp_path)

    return start


def _of_documents(service: str) -> list[Recording]:
    return [
        each for each in recordings() if each.service == service and not each.right <= {"FailJob"}
    ]


def _times(recording: Recording) -> int:
    (times,) = {_TROUBLES.get(verdict, 1_000_000) for verdict in recording.right & set(_TROUBLES)
                } or {1_000_000}  # fmt: skip
    return times


@pytest.mark.parametrize("service", ["developer", "vertex"])
def test_recorded_replies_about_documents_end_as_they_should(
    run: Any, tmp_path: Path, service: str
) -> None:
    """All in one run: row or failure, its code, the number of calls; exit code 0."""
    found = _of_documents(service)
    if not found:
        pytest.skip("there are no recorded replies on this machine")
    paths = write_invoices(tmp_path / "in", _HEALTHY + len(found))
    victims = dict(zip((path.name for path in paths[_HEALTHY:]), found, strict=True))
    replies = Replies(
        of_document={
            sha256(tmp_path / "in" / name): Served(
                each.status, each.content_type, each.body, _times(each)
            )
            for name, each in victims.items()
        }
    )
    ended = run(replies, tmp_path / "in", service)
    assert ended.exit_code == 0, ended.last_line
    rows, failures = ended.rows, ended.failures
    assert len(rows) + len(failures) == len(paths)
    wrong = {
        each.id: problem
        for name, each in victims.items()
        if (
            problem := _problem(
                each, rows.get(name), failures.get(name),
                replies.calls[sha256(tmp_path / "in" / name)],
            )
        )
    }  # fmt: skip
    assert wrong == {}


def _problem(
    recording: Recording, row: Any | None, failure: dict[str, Any] | None, calls: int
) -> str:
    """Return what is wrong with an outcome; an empty string for one of the right ones."""
    code = failure["code"] if failure else ""
    said = f"{'row' if row else code} after {calls} calls: {failure and failure['message']}"
    if recording.extra.get("code") and code != recording.extra["code"]:
        return f"{said}; the code should be {recording.extra['code']}"
    if recording.extra.get("text") and not row:
        return f"{said}; its text should be a row"
    outcomes = {
        "Accept": calls == 1 and (row or DOCUMENT_CODES[code].stage in ("parse", "validate")),
        "Retry": calls == 3 and row,
        "RateLimited": calls == 2 and row,
        "AskAgain": calls == 3 and code in ("no_answer", "malformed_answer", "recitation"),
        "AskForMore": calls == 2 and code == "answer_cut",
        "FailDocument": calls == 1 and code in ("document_rejected", "blocked", "no_answer"),
    }
    return "" if any(outcomes[verdict] for verdict in recording.right - {"FailJob"}) else said


def _of_jobs() -> list[Any]:
    return [each for each in each() if each.values[0] and each.values[0].right <= {"FailJob"}]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write three documents, for all runs that end with their first call."""
    folder = tmp_path_factory.mktemp("three")
    write_invoices(folder, 3)
    return folder


@pytest.mark.parametrize("recording", _of_jobs() or each())
def test_a_recorded_fault_of_the_job_ends_it_with_its_first_call(
    run: Any, tmp_path: Path, three: Path, recording: Recording
) -> None:
    """Exit code 1, one sentence with the code in brackets, no failure, and no key anywhere."""
    replies = Replies(otherwise=Served(recording.status, recording.content_type, recording.body))
    ended = run(replies, three, recording.service)
    assert ended.exit_code == 1
    assert replies.calls.total() == 1
    assert ended.last_line.startswith("the run failed: ")
    assert ended.last_line.endswith(")")
    assert not files(f"{tmp_path}/out/failures/{_RUN}/*.jsonl")
    assert b"AIza" not in ended.everything()


def _error(status: int, message: str) -> Served:
    body = {"error": {"code": status, "message": message, "status": "INVALID_ARGUMENT"}}
    return Served(status, "application/json", json.dumps(body).encode())


def test_the_key_is_nowhere_however_it_is_repeated(run: Any, tmp_path: Path, api_key: str) -> None:
    """In an error, in the reason of a block, in a page: failures, journal and logs lack it."""
    paths = write_invoices(tmp_path / "in", 5)
    blocked = {"candidates": [{"finishReason": "SAFETY", "finishMessage": f"for {api_key}"}]}
    replies = Replies(
        of_document={
            sha256(paths[2]): _error(400, f"the document of {api_key} has no pages"),
            sha256(paths[3]): Served(200, "application/json", json.dumps(blocked).encode()),
            sha256(paths[4]): Served(
                500, "text/html", f"<title>Error of {api_key} here</title>".encode()
            ),
        }
    )
    ended = run(replies, tmp_path / "in", "developer")
    assert ended.exit_code == 0
    said = {record["code"]: record["message"] for record in ended.failures.values()}
    assert said["document_rejected"] == "the document of [hidden] has no pages"
    assert said["blocked"].endswith("for [hidden]")
    assert "Error of [hidden] here" in said["server_error"]
    journal = [gzip.decompress(p.read_bytes()) for p in tmp_path.rglob("*.json.gz")]
    assert any(b"[hidden]" in entry for entry in journal)
    assert api_key.encode() not in ended.everything() + b"".join(journal)


def test_one_vanished_object_after_good_answers_is_its_own_failure(
    run: Any, tmp_path: Path
) -> None:
    """The service names nothing; the others land."""
    paths = write_invoices(tmp_path / "in", 20)
    replies = Replies(
        of_document={sha256(paths[15]): _error(404, "Requested entity was not found.")}
    )
    ended = run(replies, tmp_path / "in", "vertex", "--max_in_flight=2")
    assert ended.exit_code == 0
    assert len(ended.rows) == 19
    (failure,) = ended.failures.values()
    assert failure["code"] == "document_rejected"
    assert failure["message"].endswith("Requested entity was not found.")


@pytest.mark.parametrize(
    "body",
    [
        {"promptFeedback": {"blockReason": "MODEL_ARMOR", "blockReasonMessage": "by policy"}},
        {"candidates": [{"finishReason": "SAFETY", "finishMessage": "by policy"}]},
    ],
)
def test_what_every_document_gets_is_the_jobs_fault(
    run: Any, tmp_path: Path, body: dict[str, Any]
) -> None:
    """A policy that blocks all stops the run after a few calls, with its words."""
    write_invoices(tmp_path / "in", 60)
    replies = Replies(otherwise=Served(200, "application/json", json.dumps(body).encode()))
    ended = run(replies, tmp_path / "in", "vertex", "--max_in_flight=4")
    assert ended.exit_code == 1
    assert "by policy (request_refused)" in ended.last_line
    assert replies.calls.total() < 20


def test_an_unusable_answer_is_asked_about_again_by_a_later_run(run: Any, tmp_path: Path) -> None:
    """A service that was empty yesterday answers today; what landed is not asked about."""
    paths = write_invoices(tmp_path / "in", 4)
    empty = {"candidates": [{"content": {"role": "model"}, "finishReason": "STOP"}]}
    served = Served(200, "application/json", json.dumps(empty).encode())
    first = Replies(of_document={sha256(paths[2]): served})
    ended = run(first, tmp_path / "in", "developer")
    assert first.calls[sha256(paths[2])] == 3
    assert [record["code"] for record in ended.failures.values()] == ["no_answer"]
    second = Replies()
    ended = run(second, tmp_path / "in", "developer", run_id="r2")
    assert ended.exit_code == 0
    assert dict(second.calls) == {sha256(paths[2]): 1}
