"""The short form of the benchmark of the check: true answers pass, and no lie does."""

import pytest

from benchmarks.completeness import flags, main
from emulators.gemini.lies import LIES
from samples.batches import make_batch


def test_lies_are_flagged_and_true_answers_are_not() -> None:
    """Of 30 batches: every lie that changes an answer, and none of the true ones."""
    found = [flags(make_batch(31, number)) for number in range(30)]
    assert not any(each[""] for each in found)
    for lie in LIES:
        told_of = [each[lie] for each in found if lie in each]
        assert len(told_of) > 20
        assert all(told_of), lie


def test_the_command_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    """And is content where every lie was seen."""
    assert main(["--batches", "2"]) == 0
    assert "| true | 2 | 0 |" in capsys.readouterr().out
