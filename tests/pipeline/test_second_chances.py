"""--fallback_models: what one model answered badly another is asked about, and all is accounted."""

from pathlib import Path

import pytest
from support import Job, sha256, write_invoices

import pipeline
from emulators.gemini import GeminiEndpoint

SMALL, LARGE, LARGEST = "gemini-2.5-flash-lite", "gemini-2.5-flash", "gemini-2.5-pro"
MODELS = {"model": SMALL, "fallback_models": f"{LARGE},{LARGEST}", "allow_retired_model": True}


def test_the_next_model_is_asked_and_every_token_counted(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """Three fail with the first model, one of them with the second too; the blocked one stays."""
    good, cut, bad, worse, blocked = write_invoices(tmp_path / "in", 5)
    endpoint.set_behaviour(
        faults=[
            {"fault": "finish_RECITATION", "match": sha256(cut), "times": 3},
            {"fault": "cut_json", "match": sha256(bad), "times": 1},
            {"fault": "wrong_types", "match": sha256(worse), "times": 2},
            {"fault": "finish_SAFETY", "match": sha256(blocked)},
        ]
    )
    settings = {"input": f"{tmp_path}/in/**", **MODELS}
    landed = job(**settings)
    assert landed.summary.balanced
    assert {uri: row["provenance"]["model"] for uri, row in landed.extracted.items()} == {
        str(good): SMALL,
        str(cut): LARGE,
        str(bad): LARGE,
        str(worse): LARGEST,
    }
    attempts = {uri: row["provenance"]["attempts"] for uri, row in landed.extracted.items()}
    assert attempts == {str(good): 1, str(cut): 4, str(bad): 2, str(worse): 3}
    assert landed.extracted[str(worse)]["provenance"]["warnings"][:2] == [
        f"{SMALL} gave no usable answer: schema_mismatch",
        f"{LARGE} gave no usable answer: schema_mismatch",
    ]
    assert landed.summary.failures_by_code == {"blocked": 1}

    served = endpoint.stats()["tokens"]
    rows = sum(row["provenance"]["prompt_tokens"] for row in landed.rows)
    failures = sum(record["tokens"]["prompt_tokens"] for record in landed.failures)
    assert rows + failures == served["prompt"] == landed.summary.tokens["prompt_tokens"]
    assert landed.summary.calls == endpoint.stats()["calls"]

    # Again: what any of the models landed is done, and nothing is asked a second time.
    calls = endpoint.stats()["calls"]
    again = job(**settings)
    assert (again.summary.rows, again.summary.skipped) == (0, 4)
    anew = job(**settings, no_resume=True)
    assert anew.summary.rows == 4
    assert all(row["provenance"]["journaled"] for row in anew.rows)
    assert anew.summary.cost_usd == "0"
    assert endpoint.stats()["calls"] == calls


def test_what_no_model_could_answer_is_one_failure(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """Its record has every model's tokens and says what became of each."""
    (document,) = write_invoices(tmp_path / "in", 1)
    endpoint.set_behaviour(faults=[{"fault": "wrong_types"}])
    landed = job(input=str(document), **MODELS)
    (record,) = landed.failures
    assert record["code"] == "schema_mismatch"
    assert record["attempts"] == 3
    assert record["tokens"]["prompt_tokens"] == endpoint.stats()["tokens"]["prompt"]
    assert f"{SMALL} gave no usable answer: schema_mismatch" in record["message"]
    assert f"{LARGE} gave no usable answer: schema_mismatch" in record["message"]
    assert "document" not in record


def test_without_the_flag_no_other_model_is_asked(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """Off by default."""
    (document,) = write_invoices(tmp_path / "in", 1)
    endpoint.set_behaviour(faults=[{"fault": "wrong_types"}])
    landed = job(input=str(document))
    assert landed.summary.calls == 1
    assert landed.summary.failures_by_code == {"schema_mismatch": 1}


@pytest.mark.parametrize("fallbacks", [SMALL, f"{LARGE},{LARGE}"])
def test_a_model_is_asked_once(job: Job, fallbacks: str, tmp_path: Path) -> None:
    """The same model twice is a mistake."""
    write_invoices(tmp_path / "in", 1)
    with pytest.raises(pipeline.UsageFault, match="asked already"):
        job(input=f"{tmp_path}/in/**", **{**MODELS, "fallback_models": fallbacks})
