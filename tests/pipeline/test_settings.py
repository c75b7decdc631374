"""Settings: every value judged, every default decided, nothing secret, ready to travel."""

import json
import pickle
import re
from pathlib import Path
from typing import Any

import pytest
from support import KEY

from pipeline.launch import to_arguments
from pipeline.options import parse_flags
from pipeline.reprocessing import Reprocessing
from pipeline.settings import Settings, read_settings
from sluicegate.faults import UsageFault
from transforms.outputs.bigquery import BigQueryTable
from transforms.outputs.bigquery_table import TableId
from transforms.rate_limit_service import EnvoyRateLimits

GOOD = {"input": "in/*.pdf", "output": "out", "run_id": "r1"}

pytestmark = pytest.mark.usefixtures("api_key")


def read(**flags: Any) -> Settings:
    """Read settings from the good flags with some replaced."""
    return read_settings(*parse_flags(to_arguments({**GOOD, **flags})))


# Every flag of the product, empty as a template passes what nobody filled in.
EMPTY = dict.fromkeys(set(parse_flags([])[0]) - GOOD.keys(), "")


def test_empty_text_is_a_flag_that_was_not_given() -> None:
    """Templates pass empty strings: every one of them means the default."""
    given = read(**{**EMPTY, "run_id": "r1"})
    assert given.describe() == read().describe()
    assert given.connect == read().connect
    assert given.max_failure_ratio == 1
    assert read(run_id="").run_id


@pytest.mark.parametrize(
    ("given", "patterns"),
    [
        ("a/*.pdf", ("a/*.pdf",)),
        ("a/*.pdf,b/*.pdf", ("a/*.pdf", "b/*.pdf")),
        (["a", "b"], ("a", "b")),
        (["a,b", "c"], ("a,b", "c")),
        (r"a\,b,c", ("a,b", "c")),
        (" a , ,b,", ("a", "b")),
        ("a,a,b", ("a", "b")),
        ("x/*.{pdf,png}", ("x/*.{pdf,png}",)),
        ("{a,b}/{c,d},e", ("{a,b}/{c,d}", "e")),
        ("gs://b/a b/é*.pdf,@list.txt", ("gs://b/a b/é*.pdf", "@list.txt")),
    ],
)
def test_input_is_repeated_and_comma_separated(given: Any, patterns: tuple[str, ...]) -> None:
    """Patterns keep their order and their braces; one that is given twice is meant once."""
    assert read(input=given).input == patterns


@pytest.mark.parametrize(
    ("flags", "failures", "journal", "summary"),
    [
        ({"output": "out"}, "out/failures", "out/journal", "out/summaries/r1.json"),
        ({"output": "out/"}, "out/failures", "out/journal", "out/summaries/r1.json"),
        ({"output": "/o"}, "/o/failures", "/o/journal", "/o/summaries/r1.json"),
        ({"output": "gs://b"}, "gs://b/failures", "gs://b/journal", "gs://b/summaries/r1.json"),
        (
            {"output": "gs://b/o/"},
            "gs://b/o/failures",
            "gs://b/o/journal",
            "gs://b/o/summaries/r1.json",
        ),
        (
            {"output": "p:d.t", "failures": "gs://b/f"},
            "gs://b/f",
            "gs://b/journal",
            "gs://b/summaries/r1.json",
        ),
        (
            {"output": "p:d.t", "failures": "gs://b/x/f/"},
            "gs://b/x/f",
            "gs://b/x/journal",
            "gs://b/x/summaries/r1.json",
        ),
        (
            {"output": "p:d.t", "failures": "gs://b"},
            "gs://b",
            "gs://b/journal",
            "gs://b/summaries/r1.json",
        ),
        (
            {"output": "out", "failures": "bad", "temp_location": ""},
            "bad",
            "journal",
            "summaries/r1.json",
        ),
        (
            {"output": "out", "failures": "x/bad", "journal": "j/", "summary": "s.json"},
            "x/bad",
            "j",
            "s.json",
        ),
    ],
)
def test_places_that_were_not_given_lie_beside_the_failures(
    flags: dict[str, Any], failures: str, journal: str, summary: str
) -> None:
    """Failures, journal and summary have a place in every form of the output."""
    settings = read(**flags)
    assert (settings.failures, settings.journal, settings.summary) == (failures, journal, summary)
    assert settings.connect.journal == journal


@pytest.mark.parametrize(
    ("failures", "temp_location"),
    [("gs://b/f", "gs://b/temp"), ("gs://b/x/f", "gs://b/x/temp"), ("gs://b", "gs://b/temp")],
)
def test_a_tables_temporary_files_lie_beside_the_failures(
    failures: str, temp_location: str
) -> None:
    """Load jobs need a place on GCS; the one given wins."""
    assert read(output="p:d.t", failures=failures).temp_location == temp_location
    given = read(output="p:d.t", failures=failures, temp_location="gs://t")
    assert given.temp_location == "gs://t"


def test_a_table_with_local_failures_takes_a_given_temporary_place() -> None:
    """Local failures are fine with a table when the load has a place on GCS."""
    settings = read(output="p:d.t", failures="f", temp_location="gs://t")
    assert (settings.failures, settings.temp_location) == ("f", "gs://t")
    with pytest.raises(UsageFault, match="--temp_location"):
        read(output="p:d.t", failures="f")


@pytest.mark.parametrize(
    ("output", "table"),
    [
        ("p:d.t", TableId("p", "d", "t")),
        ("p.d.t", TableId("p", "d", "t")),
        ("my-project-1:data_set.my-table", TableId("my-project-1", "data_set", "my-table")),
        ("example.com:p:d.t", TableId("example.com:p", "d", "t")),
    ],
)
def test_tables_are_told_from_paths(output: str, table: TableId) -> None:
    """A table has project, dataset and name, with a colon or a point; rows_uri names it."""
    settings = read(output=output, failures="gs://b/f")
    assert settings.output == BigQueryTable(table)
    assert settings.rows_uri == f"{table.project}:{table.dataset}.{table.name}"


@pytest.mark.parametrize("output", ["out", "./a.b/c.d", "/tmp/x", "gs://b/p.d.t", "a.b"])
def test_paths_are_told_from_tables(output: str) -> None:
    """Whatever has a slash, or too few points, is a path; rows and failures carry the run."""
    settings = read(output=output)
    assert settings.rows_uri == f"{output}/rows/r1/rows-*.avro"
    assert settings.failures_uri == f"{output}/failures/r1/failures-*.jsonl"


@pytest.mark.parametrize("word", ["true", "True", "TRUE", " true "])
def test_booleans_are_words(word: str) -> None:
    """Templates pass text: true and false in any case."""
    assert read(model="gemini-2.0-flash", allow_retired_model=word).warnings
    for no in ("false", "False", ""):
        with pytest.raises(UsageFault, match="retired"):
            read(model="gemini-2.0-flash", allow_retired_model=no)


def test_numbers_reach_the_engine() -> None:
    """Each number of the command ends where it is used."""
    engine = read(
        requests_per_minute="90.5",
        tokens_per_minute="250000",
        max_in_flight="7",
        max_megabytes_in_flight="3",
        document_deadline="60",
        outage_patience="30",
    ).connect.engine
    assert engine.pacer.requests_per_minute == 90.5
    assert engine.pacer.tokens_per_minute == 250_000
    assert engine.pacer.max_in_flight == 7
    assert engine.max_bytes_in_flight == 3 << 20
    assert engine.retry.deadline_seconds == 60
    assert engine.outage_patience_seconds == 30
    assert read(call_timeout="2.5").connect.connection.timeout_seconds == 2.5
    assert read(max_failure_ratio="0.25").max_failure_ratio == 0.25


def test_workers_share_the_quota_of_the_job() -> None:
    """Each gets its part; the summary names the whole."""
    settings = read(requests_per_minute="90", tokens_per_minute="100000").shared_among(4)
    assert settings.connect.engine.pacer.requests_per_minute == 22.5
    assert settings.connect.engine.pacer.tokens_per_minute == 25_000
    described = settings.describe()
    assert (described["requests_per_minute"], described["tokens_per_minute"]) == (90, 100_000)
    assert described["worker_processes"] == 4
    assert read().shared_among(4).connect.engine.pacer.requests_per_minute is None


@pytest.mark.parametrize("address", ["limits:8081", "10.0.0.7:1", "[::1]:65535", " a.b.c:80 "])
def test_a_rate_limit_service_is_asked_for_the_model(address: str) -> None:
    """Address and domain go to the engine, with the model that the run has; the summary says so."""
    settings = read(rate_limit_service=address, rate_limit_domain="", model="gemini-3.5-flash")
    limits = EnvoyRateLimits(address.strip(), "sluicegate", "gemini-3.5-flash", "r1")
    assert settings.connect.rate_limits == limits
    assert address.strip() in settings.describe()["rate_limit_service"]
    assert pickle.loads(pickle.dumps(settings)) == settings
    other = read(rate_limit_service=address, rate_limit_domain="ours").connect.rate_limits
    assert isinstance(other, EnvoyRateLimits)
    assert other.domain == "ours"
    assert read(rate_limit_domain="sluicegate").connect.rate_limits is None
    assert read().describe()["rate_limit_service"] is None


@pytest.mark.parametrize(
    ("flags", "use"),
    [
        ({}, "same request"),
        ({"revalidate": True}, "any schema"),
        ({"ignore_journal": True}, "own run"),
        ({"ignore_journal": "false", "revalidate": "false"}, "same request"),
    ],
)
def test_the_use_of_the_journal_reaches_the_worker(flags: dict[str, Any], use: str) -> None:
    """In what is pickled, and in the summary."""
    settings = read(**flags)
    assert settings.connect.journal_use == settings.reprocessing.journal_use == use
    assert settings.describe()["journal_use"] == use


def test_failures_are_replayed_as_input_is_given() -> None:
    """Patterns, codes and hope; input is not needed then, and may be given all the same."""
    settings = read(
        input=None,
        replay=["a/{b,c}/*", "d,e"],
        replay_codes=" timeout, blocked,",
        replay_retryable_only=True,
    )
    assert settings.input == ()
    again = settings.reprocessing
    assert again.replay == ("a/{b,c}/*", "d,e")
    assert again.choice.codes == {"timeout", "blocked"}
    assert again.choice.retryable_only
    described = settings.describe()
    assert described["replay_codes"] == ["blocked", "timeout"]
    assert json.loads(json.dumps(described)) == described
    assert read(replay="x,y").reprocessing.replay == ("x", "y")
    assert read(replay="x").input == ("in/*.pdf",)


def test_the_defaults_are_those_that_help_names() -> None:
    """Quotas are learned, 400 calls in flight, 1 GiB, five minutes a call."""
    connect = read().connect
    assert read().reprocessing == Reprocessing()
    assert connect.engine.pacer.requests_per_minute is None
    assert connect.engine.pacer.max_in_flight == 400
    assert connect.engine.max_bytes_in_flight == 1 << 30
    assert connect.engine.retry.deadline_seconds == 3600
    assert connect.engine.outage_patience_seconds == 600
    assert connect.connection.timeout_seconds == 300
    assert connect.connection.location == "global"
    assert read().document_type.name == "invoice"


@pytest.mark.parametrize(
    ("service", "timeout"), [({}, 900), ({"gemini_service": "vertex", "project": "p"}, 1800)]
)
def test_flex_has_patience_and_calls_in_flight_for_minutes(
    service: dict[str, str], timeout: float
) -> None:
    """Unless they are given; the summary says which hold, and what is asked stays the same."""
    settings = read(processing="flex", **service)
    connect, described_patience = settings.connect, settings.describe()["outage_patience"]
    assert connect.connection.tier == "flex"
    assert connect.connection.timeout_seconds == timeout
    assert connect.engine.pacer.max_in_flight == 2000
    assert connect.engine.retry.deadline_seconds == 4 * 3600
    assert connect.engine.outage_patience_seconds == described_patience == 3600
    described = settings.describe()
    assert described["processing"] == "flex"
    assert [described[name] for name in ("call_timeout", "max_in_flight", "document_deadline")] == [
        timeout, 2000, 4 * 3600,
    ]  # fmt: skip
    assert connect.engine.question == read(**service).connect.engine.question
    given = read(
        processing="flex", call_timeout=60, max_in_flight=5, document_deadline=7, **service
    )
    assert given.connect.connection.timeout_seconds == 60
    assert given.connect.engine.pacer.max_in_flight == 5
    assert given.connect.engine.retry.deadline_seconds == 7


def test_a_model_that_a_service_does_not_name_for_flex_is_warned_of() -> None:
    """It may be served at standard; on the other service it is named."""
    vertex = {"gemini_service": "vertex", "project": "p", "processing": "flex"}
    (warning,) = read(model="gemini-3.5-flash-lite", **vertex).warnings
    assert "'gemini-3.5-flash-lite'" in warning
    assert "do not name it for flex" in warning
    assert not read(model="gemini-3.5-flash", **vertex).warnings
    assert not read(model="gemini-3.5-flash-lite", processing="flex").warnings
    # Its own quota of calls a minute is known there, unless it is given.
    assert read(**vertex).connect.engine.pacer.requests_per_minute == 3000
    assert read(requests_per_minute=9, **vertex).connect.engine.pacer.requests_per_minute == 9
    assert read(processing="flex").connect.engine.pacer.requests_per_minute is None


def test_a_last_resort_is_the_standard_tier_and_only_where_it_is_wanted() -> None:
    """With the timeout of that tier; nothing of it without flex."""
    assert read(processing="flex").connect.last_resort is None
    connect = read(processing="flex", flex_fallback="deadline").connect
    assert connect.last_resort is not None
    assert (connect.last_resort.tier, connect.last_resort.timeout_seconds) == ("standard", 300)
    assert connect.connection.tier == "flex"
    assert pickle.loads(pickle.dumps(connect)) == connect


# what the environment and the flags hold -> service, or the error
SERVICES: dict[str, tuple[bool, dict[str, str], str]] = {
    "a key": (True, {}, "developer"),
    "a project": (False, {"project": "p"}, "vertex"),
    "a secret": (False, {"api_key_secret": "projects/p/secrets/s"}, "developer"),
    "a secret's version": (False, {"api_key_secret": "projects/p/secrets/s/versions/3"},
                           "developer"),
    "vertex, with a key": (True, {"project": "p", "gemini_service": "vertex"}, "vertex"),
    "developer, said": (True, {"project": "p", "gemini_service": "developer"}, "developer"),
    "auto, said": (True, {"gemini_service": "auto"}, "developer"),
}  # fmt: skip


@pytest.mark.parametrize("case", SERVICES)
def test_the_service_is_chosen(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key means the Developer API, else a project Vertex AI; saying so decides."""
    has_key, flags, service = SERVICES[case]
    if not has_key:
        monkeypatch.delenv("GEMINI_API_KEY")
    settings = read(**flags)
    assert settings.connect.connection.service == service
    # Only Vertex AI can read a bucket by itself.
    assert settings.connect.engine.by_reference == (service == "vertex")


def test_a_key_and_a_project_ask_for_a_choice() -> None:
    """Two ways that are billed apart: nobody is sent down one by a variable left over."""
    with pytest.raises(UsageFault, match="--gemini_service"):
        read(project="p")


@pytest.mark.parametrize("variable", ["GEMINI_API_KEY", "GOOGLE_API_KEY"])
def test_either_variable_holds_the_key(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both names of the SDK are known; an empty one is none."""
    monkeypatch.setenv("GEMINI_API_KEY", "")
    monkeypatch.setenv(variable, "some-key")
    assert read().connect.connection.service == "developer"


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        ({"gemini_service": "vertex"}, "--project"),
        ({"gemini_service": "developer"}, "GEMINI_API_KEY"),
        ({}, "no way to reach Gemini"),
    ],
)
def test_no_way_to_reach_gemini_is_refused(
    flags: dict[str, str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is missing is said before anything is launched."""
    monkeypatch.delenv("GEMINI_API_KEY")
    with pytest.raises(UsageFault, match=says):
        read(**flags)


@pytest.mark.parametrize(
    "endpoint", ["http://127.0.0.1:8080", "https://proxy.example/gemini", "https://h/"]
)
def test_an_endpoint_serves_either_service(endpoint: str) -> None:
    """The base URL goes to the client as it was given."""
    assert read(gemini_endpoint=endpoint).connect.connection.endpoint == endpoint
    vertex = read(gemini_endpoint=endpoint, gemini_service="vertex", project="p")
    assert vertex.connect.connection.endpoint == endpoint


def test_a_description_is_plain_json_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes into the summary holds neither the key nor anything that JSON cannot."""
    monkeypatch.setenv("GOOGLE_API_KEY", KEY)
    described = read(api_key_secret="projects/p/secrets/s").describe()
    assert json.loads(json.dumps(described)) == described
    assert KEY not in json.dumps(described)
    assert described["model"] == read().model.name
    assert described["location"] is None
    vertex = read(gemini_service="vertex", project="p", gemini_location="europe-west4")
    assert vertex.describe()["location"] == "europe-west4"


def test_every_setting_that_shapes_a_run_is_described() -> None:
    """What version 0.1 described, by the same names, and what it had forgotten."""
    written = Path(__file__).parent / "written_by_0_1/summaries/at-0-1.json"
    described = read(
        call_timeout=5,
        max_megabytes_in_flight=64,
        document_deadline=60,
        outage_patience=30,
        max_failure_ratio="0.5",
        rate_limit_domain="",
        allow_retired_model=True,
        api_key_secret="projects/p/secrets/s",
    ).describe()
    assert set(json.loads(written.read_text("utf-8"))["settings"]) <= set(described)
    assert (described["call_timeout"], described["max_megabytes_in_flight"]) == (5, 64)
    assert (described["document_deadline"], described["outage_patience"]) == (60, 30)
    assert (described["max_failure_ratio"], described["allow_retired_model"]) == (0.5, True)
    assert described["rate_limit_domain"] == "sluicegate"
    assert described["api_key_secret"] == "projects/p/secrets/s"


def test_settings_travel_and_carry_no_key(tmp_path: Path) -> None:
    """What is pickled to workers is equal on arrival, for both kinds of type, without the key."""
    custom = Path(__file__).parents[2] / "samples/types/receipt.yaml"
    for settings in (read(), read(document_type=str(custom))):
        packed = pickle.dumps(settings)
        assert KEY.encode() not in packed
        arrived = pickle.loads(packed)
        assert arrived == settings
        assert arrived.document_type.model().model_json_schema()["properties"].keys() == {
            field.name for field in settings.document_type.fields
        }


def test_run_ids_differ_and_sort_by_time() -> None:
    """Runs that start in the same second have different names."""
    names = {read(run_id="").run_id for _ in range(20)}
    assert len(names) == 20
    started = read(run_id="").started_at
    assert all(name.startswith(f"{started:%Y%m%d}-") for name in names)
    # With four digits two of these twenty had one name in .3 % of all runs of this test.
    assert all(re.fullmatch(r"\d{8}-\d{6}-[0-9a-f]{8}", name) for name in names)


def test_a_query_in_an_endpoint_is_refused() -> None:
    """A key in a base URL would reach the summary."""
    with pytest.raises(UsageFault, match="--gemini_endpoint"):
        read(gemini_endpoint=f"https://proxy.example/?key={KEY}")


def test_a_password_in_an_endpoint_does_not_reach_the_summary() -> None:
    """Credentials before the host are refused, or at least not described."""
    try:
        settings = read(gemini_endpoint="https://user:hush@proxy.example")
    except UsageFault:
        return
    assert "hush" not in json.dumps(settings.describe())
