"""Flex through the whole job, on both services: asked rightly, shed, priced by what served."""

import io
import json
import uuid
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from support import Job, Landed, read_failures, read_rows, sha256, write_invoices

import pipeline
from emulators.cloud import LocalCloud
from emulators.gemini import Behaviour, GeminiEndpoint
from pipeline.report import show
from sluicegate.gemini.catalogue import load_catalogue
from sluicegate.records import Usage

MODEL = load_catalogue().get("gemini-3.1-flash-lite")
SHED = Behaviour(flex_latency=0.2, flex_shed=0.5)


@pytest.fixture
def high_start() -> None:
    """Begin as a run does: some calls are rejected here."""


def dollars(tokens: dict[str, int], tier: str) -> Decimal:
    """Return what tokens cost at one tier; the model has one price."""
    cost = MODEL.cost_usd(Usage(**tokens), load_catalogue().as_of, tier)
    assert cost is not None
    return cost


def is_about(found: Any, expected: Decimal, responses: int) -> bool:
    """Tell whether a sum is right: each response is rounded to a billionth of a dollar."""
    return abs(Decimal(found) - expected) <= responses * Decimal("1e-9")


def check_flex(landed: Landed, stats: dict[str, Any], documents: int) -> None:
    """Nothing is lost, nothing is bought twice, and all is priced at half."""
    summary = landed.summary
    assert summary.balanced
    assert (summary.matched, summary.rows, summary.failures) == (documents, documents, 0)
    assert stats["answered"] == stats["answered_documents"] == documents
    assert stats["answered_by_tier"] == {"flex": documents}
    shed = stats["by_fault"]["no_capacity"]
    assert documents / 2 <= shed == summary.calls_without_capacity
    assert summary.calls_rejected_429 == 0
    assert summary.calls == documents + shed == stats["calls"]
    (tier,) = summary.tiers
    assert (tier["asked"], tier["served"], tier["responses"]) == ("flex", "flex", documents)
    assert tier["tokens"] == summary.tokens
    assert tier["cost_usd"] == summary.cost_usd
    assert is_about(summary.cost_usd, dollars(summary.tokens, "flex"), documents)
    rows = [row["provenance"] for row in landed.rows]
    assert {row["tier"] for row in rows} == {"flex"}
    assert sum(Decimal(row["cost_usd"]) for row in rows) == Decimal(summary.cost_usd)


def test_flex_on_the_developer_api(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path, tenfold_clock: None
) -> None:
    """Half of the calls are answered 503; a second run, at standard, buys nothing again."""
    write_invoices(tmp_path / "in", 120)
    endpoint.set_behaviour(SHED)
    landed = job(input=f"{tmp_path}/in/*.pdf", processing="flex")
    check_flex(landed, endpoint.stats(), 120)
    assert {row["provenance"]["traffic_type"] for row in landed.rows} == {"flex"}
    for request in endpoint.requests():
        assert request["path"] == "/v1beta/models/gemini-3.1-flash-lite:generateContent"
        assert request["asked_tier"] == "flex"
        headers = {name.lower(): value for name, value in request["headers"].items()}
        assert headers["x-server-timeout"] == "900"
        assert not any(name.startswith("x-vertex-ai-llm") for name in headers)

    # How it is asked is no part of what is asked.
    calls = endpoint.stats()["calls"]
    again = job(input=f"{tmp_path}/in/*.pdf", resume=False, run_id="again")
    assert (again.summary.rows, again.summary.journaled) == (120, 120)
    assert endpoint.stats()["calls"] == calls
    assert (again.summary.cost_usd, again.summary.tiers) == ("0", [])
    assert {row["provenance"]["tier"] for row in again.rows} == {"flex"}


def test_flex_on_vertex(
    cloud: LocalCloud,
    endpoint: GeminiEndpoint,
    tmp_path: Path,
    tenfold_clock: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Half of the calls are answered 429, without a word about a quota."""
    for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    prefix = uuid.uuid4().hex
    write_invoices(tmp_path / "in", 60)
    cloud.upload("sluicegate", tmp_path / "in", f"{prefix}/in")
    endpoint.set_behaviour(SHED)
    summary = pipeline.run(
        input=f"gs://sluicegate/{prefix}/in/*.pdf", output=str(tmp_path / "out"),
        processing="flex", project="p", gemini_endpoint=endpoint.url,
    )  # fmt: skip
    landed = Landed(summary, read_rows(summary.rows_uri), read_failures(summary.failures_uri))
    check_flex(landed, endpoint.stats(), 60)
    assert {row["provenance"]["traffic_type"] for row in landed.rows} == {"ON_DEMAND_FLEX"}
    model = "publishers/google/models/gemini-3.1-flash-lite"
    for request in endpoint.requests():
        assert request["path"] == (f"/v1beta1/projects/p/locations/global/{model}:generateContent")
        headers = {name.lower(): value for name, value in request["headers"].items()}
        assert headers["x-vertex-ai-llm-request-type"] == "shared"
        assert headers["x-vertex-ai-llm-shared-request-type"] == "flex"
        assert headers["x-server-timeout"] == "1800"


def test_what_is_served_at_another_tier_is_priced_so_and_said(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """In the log once, in the summary, at the end of the run, in each row."""
    write_invoices(tmp_path / "in", 12)
    endpoint.set_behaviour(flex_ignored=True)
    with caplog.at_level("WARNING", "sluicegate"):
        landed = job(input=f"{tmp_path}/in/*.pdf", processing="flex")
    summary = landed.summary
    (tier,) = summary.tiers
    assert (tier["asked"], tier["served"], tier["responses"]) == ("flex", "standard", 12)
    assert is_about(summary.cost_usd, dollars(summary.tokens, "standard"), 12)
    assert {row["provenance"]["tier"] for row in landed.rows} == {"standard"}
    (said,) = [line for line in caplog.messages if '"other_tier"' in line]
    assert "the flex tier was asked for" in said
    console = Console(record=True, width=120, file=io.StringIO())
    show(summary, console, "s.json")
    assert "although flex was asked for" in console.export_text()


def test_a_document_without_capacity_is_asked_about_at_standard_if_that_is_wanted(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path, tenfold_clock: None
) -> None:
    """After its deadline, once; what the tiers served is counted and priced apart."""
    write_invoices(tmp_path / "in", 20)
    endpoint.set_behaviour(flex_shed=0.85)
    landed = job(
        input=f"{tmp_path}/in/*.pdf", processing="flex", flex_fallback="deadline",
        document_deadline=10, max_in_flight=4,
    )  # fmt: skip
    summary, stats = landed.summary, endpoint.stats()
    assert (summary.rows, summary.failures) == (20, 0)
    served = stats["answered_by_tier"]
    assert sum(served.values()) == 20
    assert served["standard"] > 0
    tiers = {(each["asked"], each["served"]): each for each in summary.tiers}
    assert {pair[1]: each["responses"] for pair, each in tiers.items()} == served
    assert all(asked == tier for asked, tier in tiers)
    in_rows = Counter(row["provenance"]["tier"] for row in landed.rows)
    assert dict(in_rows) == served
    for (_, tier), each in tiers.items():
        assert is_about(each["cost_usd"], dollars(each["tokens"], tier), 20)
    assert sum(Decimal(each["cost_usd"]) for each in summary.tiers) == Decimal(summary.cost_usd)
    assert json.loads(summary.to_json())["tiers"] == summary.tiers


def test_a_document_without_capacity_fails_if_that_is_not_wanted(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path, tenfold_clock: None
) -> None:
    """It can be done again later; nothing is asked at the full price."""
    paths = write_invoices(tmp_path / "in", 20)
    victims = [{"fault": "http_503", "match": sha256(path)} for path in paths[:3]]
    endpoint.set_behaviour(faults=victims)
    landed = job(input=f"{tmp_path}/in/*.pdf", processing="flex", document_deadline=10)
    summary = landed.summary
    assert summary.balanced
    assert endpoint.stats()["answered_by_tier"] == {"flex": 17}
    assert summary.failures_by_code == {"rate_limited": 3}
    assert set(landed.failed) == {str(path) for path in paths[:3]}
    for failure in landed.failures:
        assert failure["retryable"]
        assert failure["tier"] is None
        assert "without capacity" in failure["message"]
