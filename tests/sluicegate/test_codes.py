"""The vocabulary of failures: closed, stable, documented."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from sluicegate.codes import CODES, Stage, stage_of

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
STABLE = {
    "not_found", "unreadable", "changed", "empty", "encrypted", "truncated", "corrupt",
    "decompression_bomb", "unsupported_type", "too_large", "too_many_pages", "document_rejected",
    "blocked", "recitation", "malformed_answer", "answer_cut", "no_answer", "rate_limited",
    "server_error", "timeout", "connection_error", "not_json", "schema_mismatch",
    "nothing_extracted", "value_out_of_range", "check_failed",
}  # fmt: skip


def raised() -> Iterator[tuple[str, str]]:
    """Yield (file, code) of every failure that the sources make with a literal code."""
    makers = {"DocumentFault": 0, "FailDocument": 0, "AskAgain": 0, "Retry": 0, "Failed": 0}
    sources = (
        path for room in ("sluicegate", "transforms") for path in (ROOT / room).rglob("*.py")
    )
    for path in sorted(sources):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            at = 1 if name in ("of", "after", "Failure") else makers.get(name)
            if at is not None and len(node.args) > at:
                code = node.args[at]
                if isinstance(code, ast.Constant) and isinstance(code.value, str):
                    yield path.name, code.value


def test_no_code_is_ever_taken_away() -> None:
    """Tools filter and replay by them; new ones may come."""
    assert set(CODES) >= STABLE


@pytest.mark.parametrize("code", CODES)
def test_every_code_says_what_and_what_to_do(code: str) -> None:
    """In words, and with a stage of the pipeline."""
    entry = CODES[code]
    assert re.fullmatch(r"[a-z_]+", code)
    assert entry.meaning
    assert entry.remedy
    assert stage_of(code) in get_args(Stage)


def test_every_failure_in_the_sources_has_a_known_code() -> None:
    """A code that is not in the vocabulary would break the sink."""
    found = list(raised())
    assert len(found) > 40
    assert [entry for entry in found if entry[1] not in CODES] == []


def test_an_unknown_code_has_no_stage() -> None:
    """The vocabulary is closed."""
    with pytest.raises(KeyError):
        stage_of("strange")


@pytest.mark.skipif(not README.exists(), reason="there is no README here")
@pytest.mark.parametrize("code", CODES)
def test_the_readme_has_every_code(code: str) -> None:
    """With its meaning and its remedy."""
    text = README.read_text("utf-8")
    assert f"`{code}`" in text
    assert CODES[code].meaning in text
    assert CODES[code].remedy in text
