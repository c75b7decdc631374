"""Every fault the endpoint can make, through the whole pipeline and the real client."""

from pathlib import Path

import pytest
from support import Job, sha256, write_invoices

import pipeline
from emulators.gemini import GeminiEndpoint
from emulators.gemini.faults import FAULTS
from emulators.gemini.lies import LIES

# fault -> (failure code, or None for a row; calls made for the document; answers paid for)
DOCUMENT_FAULTS: dict[str, tuple[str | None, int, int]] = {
    "http_400_document": ("document_rejected", 1, 0),
    "http_408": ("timeout", 4, 0),
    "http_500": ("server_error", 4, 0),
    "http_502": ("server_error", 4, 0),
    "http_504": ("timeout", 4, 0),
    "reset": ("connection_error", 4, 0),
    "reset_mid_body": ("connection_error", 4, 0),
    "timeout": ("timeout", 4, 0),
    "html_200": ("server_error", 4, 0),
    "finish_MAX_TOKENS": ("answer_cut", 2, 2),
    "finish_SAFETY": ("blocked", 1, 1),
    "finish_RECITATION": ("recitation", 3, 3),
    "finish_LANGUAGE": ("blocked", 1, 1),
    "finish_OTHER": ("malformed_answer", 3, 3),
    "finish_BLOCKLIST": ("blocked", 1, 1),
    "finish_PROHIBITED_CONTENT": ("blocked", 1, 1),
    "finish_SPII": ("blocked", 1, 1),
    "finish_MALFORMED_FUNCTION_CALL": ("malformed_answer", 3, 3),
    "finish_MALFORMED_RESPONSE": ("malformed_answer", 3, 3),
    "finish_UNKNOWN_NEW_VALUE": ("no_answer", 1, 1),
    "no_candidates": ("blocked", 1, 1),
    "no_candidates_silent": ("no_answer", 3, 3),
    "empty_text": ("no_answer", 3, 3),
    "cut_json": ("not_json", 1, 1),
    "not_json": ("not_json", 1, 1),
    "nan": ("not_json", 1, 1),
    "duplicate_keys": ("not_json", 1, 1),
    "wrong_types": ("schema_mismatch", 1, 1),
    "missing_required": ("schema_mismatch", 1, 1),
    "huge_number": ("value_out_of_range", 1, 1),
    "fenced_json": (None, 1, 1),
    "extra_fields": (None, 1, 1),
    "no_usage": (None, 1, 1),
}
# A fault that passes: the second call is answered.
PASSING = ("http_429", "http_503", "reset", "finish_RECITATION", "finish_MAX_TOKENS")
# Waited out; a document that meets it for ever fails so at its deadline.
NO_CAPACITY = {"http_429": "rate_limited", "http_503": "server_error"}
JOB_FAULTS = {
    "http_401": "bad_credentials",
    "http_403": "permission_denied",
    "http_404_model": "unknown_model",
    "http_400_schema": "request_refused",
    "http_429_daily": "daily_quota_exhausted",
}


@pytest.fixture
def high_start() -> None:
    """Begin as a run does: some calls are rejected here."""


def test_the_table_names_every_fault() -> None:
    """No fault of the endpoint goes untested; lies are told in tests of long documents."""
    assert set(DOCUMENT_FAULTS) | set(JOB_FAULTS) | set(NO_CAPACITY) | set(LIES) == FAULTS


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Write enough documents that the faulty ones are few."""
    return write_invoices(tmp_path_factory.mktemp("invoices"), 140)


def test_each_document_fault_ends_as_its_own_outcome(
    job: Job, endpoint: GeminiEndpoint, documents: list[Path], tenfold_clock: None
) -> None:
    """Code, number of calls, tokens and raw answer are right for each fault, all in one run."""
    victims = dict(zip(DOCUMENT_FAULTS, documents, strict=False))
    passing = dict(zip(PASSING, documents[len(victims) :], strict=False))
    endpoint.set_behaviour(
        faults=[
            {"fault": fault, "match": sha256(path), "seconds": 5} for fault, path in victims.items()
        ]
        + [
            {"fault": fault, "match": sha256(path), "times": 1, "retry_delay": 0.2}
            for fault, path in passing.items()
        ]
    )
    landed = job(input=str(documents[0].parent / "*.pdf"), call_timeout=1)

    calls = endpoint.stats(documents=True)["calls_per_document"]
    found, expected = {}, {}
    for fault, path in victims.items():
        failure = landed.failed.get(str(path))
        found[fault] = (failure and failure["code"], calls[sha256(path)])
        expected[fault] = DOCUMENT_FAULTS[fault][:2]
    assert found == expected
    assert {fault: (str(path) in landed.extracted, calls[sha256(path)])
            for fault, path in passing.items()} == dict.fromkeys(PASSING, (True, 2))  # fmt: skip

    assert landed.summary.matched == len(documents)
    assert len(landed.rows) + len(landed.failures) == len(documents)
    for fault, path in victims.items():
        code, made, answers = DOCUMENT_FAULTS[fault]
        if code is None:
            continue
        record = landed.failed[str(path)]
        assert record["attempts"] == made, fault
        assert (record["tokens"]["prompt_tokens"] > 0) == (answers > 0), fault
        assert (record["raw_answer"] is not None) == (answers > 0), fault
        assert record["message"], fault


def test_paid_tokens_are_all_accounted_for(
    job: Job, endpoint: GeminiEndpoint, documents: list[Path]
) -> None:
    """What the endpoint says it answered is what rows and failures say was paid."""
    share = 0.04
    endpoint.set_behaviour(
        faults=[
            {"fault": fault, "share": share}
            for fault in ("finish_RECITATION", "finish_SAFETY", "cut_json", "wrong_types")
        ]
        + [{"fault": "finish_MAX_TOKENS", "share": share, "times": 1}]
    )
    landed = job(input=str(documents[0].parent / "*.pdf"))
    served = endpoint.stats()["tokens"]
    in_rows = sum(row["provenance"]["prompt_tokens"] for row in landed.rows)
    in_failures = sum(record["tokens"]["prompt_tokens"] for record in landed.failures)
    assert landed.failures
    assert in_rows + in_failures == served["prompt"] == landed.summary.tokens["prompt_tokens"]
    assert landed.summary.tokens["output_tokens"] == served["candidates"]


@pytest.mark.parametrize(("fault", "code"), JOB_FAULTS.items())
def test_a_job_fault_stops_the_run_early(
    fault: str, code: str, job: Job, endpoint: GeminiEndpoint, tmp_path: Path, tenfold_clock: None
) -> None:
    """1,000 documents, and at most max_in_flight + 10 calls before one clear sentence."""
    write_invoices(tmp_path / "in", 1000)
    endpoint.set_behaviour(faults=[{"fault": fault}])
    with pytest.raises(pipeline.RunFailed, match=code):
        job(input=str(tmp_path / "in/*.pdf"), max_in_flight=16)
    assert endpoint.stats()["calls"] <= 16 + 10


def test_a_refusal_of_every_document_is_the_jobs_fault(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """A 400 that says nothing known stops the run once the first ten documents all got it."""
    write_invoices(tmp_path / "in", 200)
    endpoint.set_behaviour(
        faults=[{"fault": "http_400_document", "message": "Request contains an invalid argument."}]
    )
    with pytest.raises(pipeline.RunFailed, match="all refused"):
        job(input=str(tmp_path / "in/*.pdf"), max_in_flight=8)
    assert endpoint.stats()["calls"] <= 8 + 10


def test_an_outage_ends_the_run_with_one_sentence(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path, tenfold_clock: None
) -> None:
    """When nothing succeeds for --outage_patience, the run stops and has hardly called."""
    write_invoices(tmp_path / "in", 300)
    endpoint.set_behaviour(faults=[{"fault": "http_503"}])
    with pytest.raises(pipeline.RunFailed, match="outage"):
        job(input=str(tmp_path / "in/*.pdf"), max_in_flight=16, outage_patience=6)
    assert endpoint.stats()["calls"] <= 16 + 10


def test_overloads_by_chance_cost_no_document(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path, tenfold_clock: None
) -> None:
    """Half of the documents are answered 503 up to six times, more than errors may be: all land."""
    write_invoices(tmp_path / "in", 60)
    endpoint.set_behaviour(
        faults=[
            {"fault": "http_503", "share": 0.3, "times": 6},
            {"fault": "http_503", "share": 0.2, "times": 1, "retry_after": 0.6},
        ]
    )
    landed = job(input=str(tmp_path / "in/*.pdf"))
    assert landed.summary.rows == 60
    assert landed.summary.calls_rejected_429 == 0
    assert landed.summary.calls > 120


def test_calls_that_are_rejected_throughout_end_the_run(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """When nothing but 429s comes for --outage_patience, the service's own sentence is the last."""
    write_invoices(tmp_path / "in", 20)
    endpoint.set_behaviour(faults=[{"fault": "http_429", "retry_delay": 0.1}])
    with pytest.raises(pipeline.RunFailed, match=r"exceeded your current quota.*rejected_through"):
        job(input=str(tmp_path / "in/*.pdf"), outage_patience=2)


def test_a_rate_is_kept_and_throttling_loses_nothing(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """Against a quota, every document lands; the given rate keeps rejections rare."""
    write_invoices(tmp_path / "in", 60)
    endpoint.set_behaviour(requests_per_minute=1200, burst=5)
    landed = job(input=str(tmp_path / "in/*.pdf"), requests_per_minute=1200)
    assert landed.summary.rows == 60
    assert landed.summary.calls_rejected_429 <= 2
    assert landed.summary.throttled_seconds > 0.5


def test_without_a_rate_rejected_calls_wait_and_go_again(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """Without a given rate the server's 429s cost calls and time, never a document."""
    write_invoices(tmp_path / "in", 40)
    endpoint.set_behaviour(requests_per_minute=600, burst=5, retry_info=False)
    landed = job(input=str(tmp_path / "in/*.pdf"))
    assert landed.summary.rows == 40
    assert landed.summary.calls_rejected_429 > 0
    assert landed.summary.calls == 40 + landed.summary.calls_rejected_429


@pytest.mark.parametrize(("fault", "code"), NO_CAPACITY.items())
def test_the_documents_deadline_bounds_throttling(
    fault: str, code: str, job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """A document that is answered 429, or 503 of the model, past its deadline fails; retryable."""
    documents = write_invoices(tmp_path / "in", 5)
    endpoint.set_behaviour(
        faults=[{"fault": fault, "match": sha256(documents[0]), "retry_delay": 0.1}]
    )
    landed = job(input=str(tmp_path / "in/*.pdf"), document_deadline=1)
    assert landed.summary.failures_by_code == {code: 1}
    assert landed.failures[0]["attempts"] > 1
    assert landed.failures[0]["retryable"] is True


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (
            {"fault": "http_400_document", "message": "Request contains an invalid argument."},
            "document_rejected",
        ),
        ({"fault": "http_500"}, "server_error"),
    ],
)
def test_documents_that_failed_alone_do_not_stop_the_next_run(
    fault: dict[str, str],
    code: str,
    job: Job,
    endpoint: GeminiEndpoint,
    tmp_path: Path,
    tenfold_clock: None,
) -> None:
    """A rerun has only them left to call: neither a refused job nor an outage, but them again."""
    documents = write_invoices(tmp_path / "in", 120)
    endpoint.set_behaviour(faults=[{**fault, "match": sha256(path)} for path in documents[::8]])
    settings = {"input": str(tmp_path / "in/*.pdf"), "outage_patience": 5}
    first = job(**settings)
    assert first.summary.failures_by_code == {code: 15}
    again = job(**settings)
    assert again.summary.failures_by_code == {code: 15}
    assert (again.summary.rows, again.summary.skipped) == (0, 105)


def test_more_room_can_be_given_without_paying_twice(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """The remedy of answer_cut asks again for what was cut, and for nothing else."""
    documents = write_invoices(tmp_path / "in", 10)
    endpoint.set_behaviour(faults=[{"fault": "finish_MAX_TOKENS", "match": sha256(documents[0])}])
    receipt = (Path(__file__).parents[2] / "samples/types/receipt.yaml").read_text()
    (tmp_path / "small.yaml").write_text(receipt)
    (tmp_path / "large.yaml").write_text(receipt.replace("tokens: 4096", "tokens: 30000"))
    settings = {"input": str(tmp_path / "in/*.pdf")}
    first = job(**settings, document_type=str(tmp_path / "small.yaml"))
    assert first.summary.failures_by_code == {"answer_cut": 1}
    endpoint.set_behaviour(faults=[])
    again = job(**settings, document_type=str(tmp_path / "large.yaml"))
    found = again.summary
    assert (found.rows, found.skipped, found.calls) == (1, 9, 1)


def test_a_run_id_is_used_once(job: Job, endpoint: GeminiEndpoint, tmp_path: Path) -> None:
    """A second run of the same name would write over the rows of the first."""
    write_invoices(tmp_path / "in", 2)
    job(input=str(tmp_path / "in/*.pdf"), run_id="nightly")
    with pytest.raises(pipeline.UsageFault, match="was there before"):
        job(input=str(tmp_path / "in/*.pdf"), run_id="nightly")


def test_what_is_written_is_not_read(job: Job, endpoint: GeminiEndpoint, tmp_path: Path) -> None:
    """A pattern that reaches the run's own output is refused."""
    write_invoices(tmp_path / "in", 1)
    with pytest.raises(pipeline.UsageFault, match="is written under"):
        job(input=f"{tmp_path}/**", output=f"{tmp_path}/in/out")


def test_too_many_failures_fail_a_run_from_python_too(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """The exception carries the summary."""
    documents = write_invoices(tmp_path / "in", 2)
    documents[0].write_bytes(b"")
    with pytest.raises(pipeline.RunFailed, match=r"50\.0%") as caught:
        job(input=str(tmp_path / "in/*.pdf"), max_failure_ratio=0.1)
    assert caught.value.summary is not None
    assert caught.value.summary.failures_by_code == {"empty": 1}
