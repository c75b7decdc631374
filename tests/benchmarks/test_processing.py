"""The bench of processing, in short: each way whole, and flex at half the dollars."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from support import KEY

from benchmarks.documents import write_documents
from benchmarks.processing import WAYS, measure, shown

QUICK = ("--requests-per-minute=6000", "--burst=100", "--latency=0.05")


def test_each_way_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same documents, so that dollars differ by the tier alone."""
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    write_documents(tmp_path / "in", 30)
    quick = [replace(way, server=("--flex-latency=0.1", "--flex-shed=0.3")) for way in WAYS]
    found = {each.name: measure(each, 30, tmp_path, QUICK) for each in quick}
    assert all(each.is_whole for each in found.values())
    assert found["flex"].dollars == pytest.approx(found["standard"].dollars / 2)
    assert found["flex"].turned_away > 0
    assert found["flex"].calls == 30 + found["flex"].turned_away
    console = Console(width=120, file=io.StringIO(), record=True)
    console.print(shown(list(found.values())))
    lines = console.export_text().splitlines()
    assert [line.split()[0] for line in lines] == ["processing", "standard", "flex"]
    assert not replace(found["flex"], rows=29).is_whole
    assert not replace(found["flex"], bought_twice=1).is_whole
