"""Replay: the failures of earlier runs are the input of the next one."""

from pathlib import Path

import pytest
from support import Job, sha256, write_invoices

import pipeline
from emulators.gemini import GeminiEndpoint


def test_failures_are_replayed_by_code_and_by_hope(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path, tenfold_clock: None
) -> None:
    """Some codes, retryable ones alone, all; with --input too, each document once."""
    paths = write_invoices(tmp_path / "in", 5)
    broken, blocked, cut, gone, good = paths
    broken.write_bytes(b"%PDF-1.4 nothing")
    endpoint.set_behaviour(
        faults=[
            {"fault": "http_500", "match": sha256(gone)},
            {"fault": "http_500", "match": sha256(cut)},
            {"fault": "finish_SAFETY", "match": sha256(blocked)},
        ]
    )
    first = job(input=f"{tmp_path}/in/*.pdf")
    assert {Path(uri).name: f["code"] for uri, f in first.failed.items()} == {
        broken.name: "truncated",
        blocked.name: "blocked",
        cut.name: "server_error",
        gone.name: "server_error",
    }
    assert {f["document_type"] for f in first.failures} == {"invoice"}
    endpoint.set_behaviour(faults=[])
    gone.unlink()
    replay = str(tmp_path / "out/failures/**")
    calls = endpoint.stats()["calls"]

    hopeful = job(replay=replay, replay_retryable_only=True)
    assert set(hopeful.extracted) == {str(cut)}
    assert hopeful.failed[str(gone)]["code"] == "not_found"
    assert hopeful.summary.matched == 2
    assert endpoint.stats()["calls"] == calls + 1

    # The latest failure of each counts; what landed meanwhile is skipped.
    chosen = job(replay=replay, replay_codes="server_error,blocked")
    assert (chosen.summary.matched, chosen.summary.skipped) == (2, 1)
    assert chosen.failed[str(blocked)]["journaled"]

    everything = job(replay=replay, input=f"{tmp_path}/in/*.pdf", ignore_journal=True)
    assert everything.summary.matched == 5
    assert everything.summary.skipped == 2
    assert {uri: f["code"] for uri, f in everything.failed.items()} == {
        str(broken): "truncated",
        str(gone): "not_found",
    }
    assert set(everything.extracted) == {str(blocked)}
    assert str(good) not in everything.extracted


def test_lines_that_are_no_records_are_counted_in_the_summary(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """A hand-edited file is taken as far as it goes, and the summary says what was not."""
    (path,) = write_invoices(tmp_path / "in", 1)
    file = tmp_path / "again.jsonl"
    file.write_text(f'{{"document_uri": "{path}", "code": "timeout"}}\nhello\n{{}}\n')
    landed = job(replay=str(file))
    assert (landed.summary.rows, landed.summary.unusable_lines) == (1, 2)


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        ({}, "--input is required"),
        ({"replay": "nowhere/**"}, r"replay 'nowhere/\*\*' matched no files"),
        ({"input": "in/**", "replay_codes": "timeout"}, "choose from --replay"),
        ({"input": "in/**", "replay_retryable_only": True}, "choose from --replay"),
        ({"replay": "x", "replay_codes": "time_out"}, "'time_out'"),
        ({"input": "in/**", "resume": True, "no_resume": True}, "both given"),
        ({"input": "in/**", "resume": "perhaps"}, "use true or false"),
        ({"input": "in/**", "ignore_journal": True, "revalidate": True}, "say one"),
    ],
)
def test_contradictions_are_refused(
    flags: dict[str, object],
    says: str,
    tmp_path: Path,
    api_key: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before anything is launched, in one sentence."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(pipeline.UsageFault, match=says):
        pipeline.run(**flags, output=str(tmp_path / "out"))
