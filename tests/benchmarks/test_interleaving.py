"""Peers interleaved: one at a time, each to its end."""

import hashlib
from itertools import pairwise
from pathlib import Path

from benchmarks.documents import documents
from benchmarks.interleaving import run_interleaved
from benchmarks.peer_run import PeerRun
from emulators.gemini import Behaviour, GeminiEndpoint

_DOCUMENTS = 150


def test_one_runs_while_the_other_stands_still(tmp_path: Path) -> None:
    """Two clients of one server for some seconds: their calls come in blocks, and all of them."""
    owner = {}
    for number, name in enumerate(("even", "odd")):
        (tmp_path / name).mkdir()
        for file, content in documents(_DOCUMENTS, first=number * _DOCUMENTS):
            (tmp_path / name / file).write_bytes(content)
            owner[hashlib.sha256(content).hexdigest()] = name
    with GeminiEndpoint(Behaviour(latency=0.02), reader="canned") as endpoint:
        words = ["client", "--in-flight=2", f"--endpoint={endpoint.url}", "--key=k"]
        runs = [
            PeerRun(
                [*words, f"--documents={tmp_path / name}"], tmp_path / f"{name}.log", seconds=60
            )
            for name in ("even", "odd")
        ]
        found = run_interleaved(runs)
        calls = sorted(endpoint.requests(), key=lambda call: call["started"])
    assert [figures and figures["answered"] for figures in found] == [_DOCUMENTS, _DOCUMENTS]
    callers = [owner[call["document"]] for call in calls]
    assert len(callers) == 2 * _DOCUMENTS
    # At the same time they would change at every second call.
    assert 1 <= sum(before != after for before, after in pairwise(callers)) < _DOCUMENTS / 5


def test_one_that_fails_does_not_stop_the_other(tmp_path: Path) -> None:
    """It has no figures, and says why."""
    (tmp_path / "in").mkdir()
    for file, content in documents(3):
        (tmp_path / "in" / file).write_bytes(content)
    with GeminiEndpoint(Behaviour(), reader="canned") as endpoint:
        words = ["client", f"--endpoint={endpoint.url}", "--key=k"]
        bad, good = (
            PeerRun(
                [*words, f"--documents={tmp_path / name}"], tmp_path / f"{name}.log", seconds=60
            )
            for name in ("nowhere", "in")
        )
        assert run_interleaved([bad, good])[0] is None
    assert "nowhere" in bad.error
    assert not good.running
