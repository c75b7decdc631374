"""The short form of `make fuzz`: a few hundred mutations of good inputs for each target."""

import sys
from pathlib import Path

import pytest
from fuzz.__main__ import fuzz
from fuzz.targets import TARGETS, seeds
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


@st.composite
def mutated(draw: st.DrawFn, name: str) -> bytes:
    """Return a good input of a target after a few edits, or bytes from nowhere."""
    data = bytearray(draw(st.sampled_from([b"", *seeds(name)])))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        length = draw(st.sampled_from([0, 1, 4, 64, len(data)]))
        data[at : at + length] = draw(st.binary(max_size=24))
    return bytes(data)


@pytest.mark.parametrize("name", TARGETS)
def test_no_input_breaks_it(name: str) -> None:
    """Only the faults that are meant, and what comes out is right."""

    @settings(
        max_examples=150,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(mutated(name))
    def holds(data: bytes) -> None:
        TARGETS[name](data)

    holds()


def test_the_guided_fuzzer_runs_and_finds_what_is_broken(tmp_path: Path) -> None:
    """A thousand cases of the cheapest target end well."""
    pytest.importorskip("atheris", reason="Atheris has wheels for Linux on x86-64 alone")
    code, said = fuzz("failure_line", tmp_path, cases=1000, seed=1)
    assert code == 0, said[-2000:]
    assert "Done 1000 runs" in said
    assert sys.version_info >= (3, 11)
