"""--max_cost_usd: what was paid for lands, the rest waits, and the next run goes on."""

import json
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import alone
import pytest
from support import Job, read_failures, read_rows, write_invoices

import pipeline
from emulators.gemini import GeminiEndpoint
from pipeline.command import main
from pipeline.launch import to_arguments
from sluicegate.gemini.catalogue import load_catalogue
from sluicegate.records import Usage
from sluicegate.summary import Summary

MODEL = load_catalogue().get(load_catalogue().default)


def charged(tokens: dict[str, int], summary: Summary) -> Decimal:
    """Return what the stand-in would have charged for the tokens it counted."""
    usage = Usage(tokens["prompt"], tokens["cached"], tokens["candidates"], tokens["thoughts"])
    cost = MODEL.cost_usd(usage, date.fromisoformat(summary.started_at[:10]))
    assert cost is not None
    return cost


def test_a_run_ends_at_its_ceiling_and_the_next_goes_on(
    job: Job,
    endpoint: GeminiEndpoint,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What was answered lands, exit code 5 and one sentence; nothing is paid for twice."""
    documents = write_invoices(tmp_path / "in", 60)
    settings = {
        "input": f"{tmp_path}/in/*.pdf",
        "output": f"{tmp_path}/out",
        "gemini_endpoint": endpoint.url,
        "max_in_flight": 4,
        "run_id": "first",
    }
    code = main(to_arguments({**settings, "max_cost_usd": "0.01"}))
    assert code == 5
    said = " ".join(capsys.readouterr().err.split())
    first = Summary.from_json((tmp_path / "out/summaries/first.json").read_bytes())
    assert (
        "stopped at the ceiling: --max_cost_usd=0.01 is reached: what is left covers no further "
        f"call; ${Decimal(first.cost_usd or 0):.4f} was paid, what was answered has landed, and "
        f"{first.waiting} of 60 documents wait for the next run (budget_reached)"
    ) in said
    assert first.balanced
    assert first.fault is not None
    assert first.settings["max_cost_usd"] == "0.01"
    assert 0 < first.rows < 60
    assert first.waiting == 60 - first.rows
    assert Decimal("0.007") < Decimal(first.cost_usd or 0) <= Decimal("0.0105")
    assert charged(endpoint.stats()["tokens"], first) == Decimal(first.cost_usd or 0)
    taken = json.loads((tmp_path / "out/journal/runs/first/budget.json").read_text())
    # What was taken and not paid was given back.
    assert Decimal(taken["taken_usd"]) == Decimal(first.cost_usd or 0)

    again = job(**{**settings, "run_id": "second", "max_cost_usd": "1"})
    assert (again.summary.rows, again.summary.skipped) == (60 - first.rows, first.rows)
    assert (again.summary.waiting, again.summary.fault) == (0, None)
    assert endpoint.stats(documents=True)["answered_more_than_once"] == 0
    landed = Counter(
        row["document_uri"]
        for run in ("first", "second")
        for row in read_rows(f"{tmp_path}/out/rows/{run}/rows-*.avro")
    )
    assert landed == dict.fromkeys(map(str, documents), 1)


def test_a_ceiling_below_the_first_call_lands_what_needs_none(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """No call is made; a document that fails without one is recorded, the others wait."""
    write_invoices(tmp_path / "in", 5)
    (tmp_path / "in/empty.pdf").write_bytes(b"")
    with pytest.raises(pipeline.RunFailed) as failed:
        job(input=f"{tmp_path}/in/*.pdf", max_cost_usd="0.0001")
    assert failed.value.exit_code == 5
    summary = failed.value.summary
    assert summary is not None
    assert (summary.failures_by_code, summary.waiting, summary.cost_usd) == ({"empty": 1}, 5, "0")
    assert endpoint.stats()["calls"] == 0


def test_a_model_without_a_price_is_refused(job: Job, tmp_path: Path) -> None:
    """Before anything is launched, naming the model; and so is one among the fallbacks."""
    write_invoices(tmp_path / "in", 1)
    given = {"input": f"{tmp_path}/in/*", "max_cost_usd": 1}
    for models in ({"model": "gemini-9-new"}, {"fallback_models": "gemini-9-new"}):
        with pytest.raises(pipeline.UsageFault, match="no price of model 'gemini-9-new' is known"):
            job(**given, **models)


def test_four_processes_share_a_ceiling(tmp_path: Path) -> None:
    """Together they pay no more than it but for what is in flight, and most of it is used."""
    write_invoices(tmp_path / "in", 120)
    out = tmp_path / "out"
    found = alone.run(
        [
            "--runner=DirectRunner",
            "--direct_running_mode=multi_processing",
            "--direct_num_workers=4",
            f"--input={tmp_path}/in/**",
            f"--output={out}",
            "--run_id=run",
            "--max_in_flight=2",
            "--max_cost_usd=0.02",
        ]
    )
    assert found["code"] == 5, found["said"]
    assert "--max_cost_usd=0.02 is reached" in " ".join(found["said"].split())
    summary = Summary.from_json((out / "summaries/run.json").read_bytes())
    assert summary.balanced
    assert summary.settings["worker_processes"] == 4
    rows = read_rows(f"{out}/rows/run/rows-*.avro")
    failures = read_failures(f"{out}/failures/run/failures-*.jsonl")
    assert (summary.rows, summary.failures) == (len(rows), len(failures))
    assert summary.waiting > 0
    cost, limit = charged(found["stats"]["tokens"], summary), Decimal("0.02")
    assert Decimal(summary.cost_usd or 0) <= cost
    dearest = Decimal("0.0015")
    assert limit / 2 < cost <= limit + 8 * dearest
