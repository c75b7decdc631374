"""The load at a run's end: repeated where it can be, tried before calls, each row once."""

from collections import Counter
from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from loading import plan_of, run_load
from place import Place

import pipeline
from emulators.loopback import HOST, free_port
from sluicegate.storage import load_job, open_loads
from sluicegate.storage.load_job import LoadFailed, LoadTarget, load_avro
from sluicegate.storage.load_parts import LoadLimits
from transforms.outputs import bigquery_load
from transforms.outputs.bigquery_load import LoadPlan


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note pauses between load jobs in place of making them."""
    made: list[float] = []
    for module in (bigquery_load, open_loads):
        monkeypatch.setattr(
            module,
            "load_avro",
            lambda target, job_id, uris, **_: load_avro(target, job_id, uris, sleep=made.append),
        )
    return made


def test_a_load_that_fails_for_a_passing_reason_is_repeated(
    place: Place, pauses: list[float]
) -> None:
    """After backendError the same files are loaded by the next attempt, once."""
    place.emulator.fail_loads("backendError")
    assert place.run().rows == 3
    assert place.uris() == place.documents()
    assert pauses == [10.0]


def test_the_load_of_the_rows_is_repeated_under_an_id_of_its_own(
    place: Place, pauses: list[float]
) -> None:
    """Two reasons that pass, then success: ids end in 0, 1 and 2."""
    place.make()
    plan = plan_of(place)
    place.emulator.fail_loads("internalError", "jobBackendError")
    run_load(plan, place)
    assert place.uris() == ["a", "b", "c"]
    assert place.load_ids() == [f"{plan.name}-0-{number}" for number in range(3)]
    assert pauses == [10.0, 20.0]


def test_a_load_that_never_succeeds_is_given_up(place: Place, pauses: list[float]) -> None:
    """The fault has BigQuery's sentence; another attempt of the step starts further load jobs."""
    place.make()
    plan = plan_of(place)
    place.emulator.fail_loads(*["backendError"] * 6)
    with pytest.raises(Exception, match=r"job fault: load_failed.*Retrying may solve"):
        run_load(plan, place)
    assert len(pauses) == 4
    run_load(plan, place)
    assert place.uris() == ["a", "b", "c"]
    assert len(place.load_ids()) == 7


def test_bigquery_that_does_not_answer_is_said_so(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One request is repeated for a while; then the load has failed, and may yet be under way."""
    nobody = bigquery.Client(
        project="p",
        credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
        client_options={"api_endpoint": f"http://{HOST}:{free_port()}"},
    )
    monkeypatch.setattr(load_job.bigquery, "Client", lambda **_: nobody)
    monkeypatch.setattr(load_job, "_RETRY", load_job._RETRY.with_timeout(0.2))
    with pytest.raises(LoadFailed, match=r"p.d.t: no answer for 300 s: .*[Cc]onnection") as failed:
        load_avro(LoadTarget("p.d.t", "p"), "j", ["gs://b/f.avro"], sleep=pytest.fail)
    assert not failed.value.has_ended


def test_what_is_refused_is_refused_before_any_call(place: Place) -> None:
    """A load that BigQuery finds invalid is not repeated, and nothing was paid for it."""
    place.emulator.fail_loads("invalid", message="Provided Schema does not match Table")
    with pytest.raises(pipeline.UsageFault, match="Provided Schema does not match Table"):
        place.run()
    assert place.endpoint.stats()["calls"] == 0


def test_the_worker_tries_too_before_any_call(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A launcher that may load says nothing of the worker: its try fails the run, calls none."""
    tried = bigquery_load.try_load

    def of_the_worker(plan: LoadPlan, what: str) -> None:
        if what == "worker":
            place.emulator.fail_loads("accessDenied", message="User does not have permission")
        tried(plan, what)

    monkeypatch.setattr(bigquery_load, "try_load", of_the_worker)
    with pytest.raises(pipeline.RunFailed, match=r"does not have permission.*load_refused"):
        place.run()
    assert place.endpoint.stats()["calls"] == 0


@pytest.mark.parametrize(
    "layout",
    [
        {"clustering_fields": ["document_uri"]},
        {"time_partitioning": bigquery.TimePartitioning("MONTH", field="processed_at")},
        {"time_partitioning": bigquery.TimePartitioning("HOUR")},
        {},
    ],
    ids=["clustered", "monthly", "ingestion", "plain"],
)
def test_tables_of_any_layout_are_loaded(place: Place, layout: dict[str, Any]) -> None:
    """Partitions and clusters are the table's own: nothing is said of them."""
    place.make(**layout)
    assert place.run().rows == 3
    assert place.uris() == place.documents()


def test_a_new_table_is_partitioned_by_day_and_clustered(place: Place) -> None:
    """As resume reads it, and as people query it."""
    place.run()
    table = place.client.get_table(place.table)
    assert (table.time_partitioning.type_, table.time_partitioning.field) == ("DAY", "processed_at")
    assert table.clustering_fields == ["document_uri"]


def test_a_table_of_another_project_is_loaded_by_the_jobs_project(place: Place) -> None:
    """Load jobs and read sessions run in --project, wherever the table is."""
    place.emulator.create_dataset("elsewhere", project="other-project")
    place.table = f"other-project.elsewhere.{place.name}"
    output = f"other-project:elsewhere.{place.name}"
    assert place.run(output=output).rows == 3
    assert place.run(output=output).skipped == 3
    assert place.uris() == place.documents()
    assert len(place.load_ids()) == 5, "all in the job's project"
    (session,) = place.emulator.read_sessions(place.name)
    assert session["parent"] == f"projects/{place.cloud.project}"


def test_a_dataset_in_another_place_is_refused_with_what_to_do(place: Place) -> None:
    """The bucket of temporary files and the dataset are compared before anything is made."""
    place.emulator.create_dataset("far_away", location="EU")
    output = f"{place.cloud.project}:far_away.{place.name}"
    with pytest.raises(pipeline.UsageFault, match=r"lies in EU.*give a --temp_location"):
        place.run(output=output)
    assert place.endpoint.stats()["calls"] == 0


def test_a_column_that_comes_meanwhile_does_no_harm(place: Place) -> None:
    """Columns are read when the load starts; those that the files lack are null."""
    place.make()
    plan = plan_of(place)
    place.client.query_and_wait(f"ALTER TABLE `{place.table}` ADD COLUMN reviewed BOOL")
    run_load(plan, place)
    assert place.uris() == ["a", "b", "c"]


def test_more_files_than_a_load_job_takes_are_several(place: Place) -> None:
    """Each part has load jobs of its own, and all have ended when the step has."""
    place.make()
    plan = plan_of(place, LoadLimits(files=2))
    ids = run_load(plan, place, bundles=5)
    assert ids == [f"{plan.name}-{part}-0" for part in range(3)] == place.load_ids()
    assert len(place.uris()) == 15


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize(
    "moment",
    [
        (bigquery_load, "write_first"),  # the files are known to be the run's
        (load_job._Load, "_attempt"),  # a job was started, and nobody has heard of its end
        (load_job._Load, "_ended"),
        (open_loads, "load_avro"),  # it has ended, its files are there
        (open_loads, "remove"),  # and are gone
    ],
    ids=lambda moment: str(moment[1]) if isinstance(moment, tuple) else str(moment),
)
def test_a_step_that_is_killed_around_the_load_neither_loses_nor_doubles(
    place: Place, monkeypatch: pytest.MonkeyPatch, moment: tuple[Any, str], number: int
) -> None:
    """A runner makes all rows again, in other files, after a death at any moment: each is once."""
    if (moment[1], number) == ("write_first", 2):
        pytest.skip("the files are committed once")
    place.make()
    plan = plan_of(place, LoadLimits(files=2))
    place_of, name = moment
    real, calls = getattr(place_of, name), Counter[str]()

    def dies(*arguments: Any, **keywords: Any) -> Any:
        found = real(*arguments, **keywords)
        calls[name] += 1
        if calls[name] == number:
            raise RuntimeError("killed")
        return found

    monkeypatch.setattr(place_of, name, dies)
    with pytest.raises(RuntimeError, match="killed"):
        run_load(plan, place, bundles=5)
    run_load(plan, place, bundles=5)
    assert Counter(place.uris()) == dict.fromkeys("abc", 5)


def test_a_load_job_that_still_runs_is_waited_for(place: Place) -> None:
    """Looks come at growing distances, and the end of the job is the load's."""
    pauses: list[float] = []

    class Job:
        state, error_result, job_id = "PENDING", None, "j"

        def reload(self, **_: Any) -> None:
            self.state = "DONE" if len(pauses) == 4 else "RUNNING"

    load: Any = load_job._Load(place.client, None, [], pauses.append)
    assert load._ended(Job()) is None
    assert pauses == [0.5, 0.75, 1.125, 1.6875]
