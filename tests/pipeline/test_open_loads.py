"""Loads that were begun and not seen to end are finished before the next run reads the table."""

import json

import pytest
from loading import plan_of, run_load
from place import Place

from sluicegate.storage import open_loads, store_for
from sluicegate.storage.load_files import names_under
from sluicegate.storage.load_job import LoadFailed
from sluicegate.storage.load_parts import LoadLimits
from transforms.outputs.bigquery_load import LoadPlan


@pytest.fixture
def place(place: Place) -> Place:
    """Return a place with three documents and a table."""
    place.make()
    return place


def die_before_the_load(plan: LoadPlan, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the step up to the moment when its load is noted, and no job was started."""
    with monkeypatch.context() as patch:
        patch.setattr(open_loads, "load_avro", None)
        with pytest.raises(TypeError):
            run_load(plan, place)


def notes(plan: LoadPlan) -> list[str]:
    """Return the names of loads that are open."""
    names = names_under(f"{plan.temp_location}/sluicegate-open-loads")
    return [name.rpartition("/")[2] for name in names]


def test_a_load_that_had_not_been_started_is_started(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the files and under the id of the launch that died, once however often it is asked."""
    plan = plan_of(place)
    die_before_the_load(plan, place, monkeypatch)
    assert notes(plan) == [f"{plan.name}-0.json"]
    for _ in range(2):
        assert list(plan.open_loads.finish(sleep=pytest.fail)) == []
    assert place.uris() == ["a", "b", "c"]
    assert place.load_ids() == [f"{plan.name}-0-0"]
    assert notes(plan) == []


def test_a_load_that_succeeded_leaves_nothing(place: Place) -> None:
    """No note, and no file but the list of the launch's files."""
    plan = plan_of(place)
    run_load(plan, place)
    left = names_under(plan.temp_location)
    assert [name.rpartition("/")[2] for name in left] == ["files.json"]


def test_a_run_finishes_what_another_left_and_skips_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reads the table after that: no row twice, and no call."""
    place.run()
    (row,) = place.client.query_and_wait(f"SELECT COUNT(*) AS n FROM `{place.table}`")
    assert row["n"] == 3
    plan = plan_of(place)
    die_before_the_load(plan, place, monkeypatch)
    assert place.run().skipped == 3
    assert place.uris() == sorted(["a", "b", "c", *place.documents()])


def test_a_load_that_ended_badly_is_said_and_forgotten(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rows will never be in the table: the run makes them anew."""
    plan = plan_of(place)
    die_before_the_load(plan, place, monkeypatch)
    place.emulator.fail_loads("invalid", message="Provided Schema does not match Table")
    (said,) = plan.open_loads.finish(sleep=pytest.fail)
    assert said.startswith("an earlier launch's load did not land: load job sluicegate-")
    assert "Provided Schema does not match Table" in said
    assert notes(plan) == []
    assert place.uris() == []


def test_a_load_of_which_nothing_is_known_stays_open(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While BigQuery does not answer nobody can say that no row will come."""
    plan = plan_of(place)
    die_before_the_load(plan, place, monkeypatch)

    def silent(*_: object, **__: object) -> str:
        raise LoadFailed("no answer for 300 s")

    with monkeypatch.context() as patch:
        patch.setattr(open_loads, "load_avro", silent)
        with pytest.raises(LoadFailed, match="no answer"):
            list(plan.open_loads.finish(sleep=pytest.fail))
    assert notes(plan) == [f"{plan.name}-0.json"]


def test_files_that_are_gone_are_a_load_that_ended_badly(place: Place) -> None:
    """A bucket's lifecycle may have taken them before anyone came again."""
    plan = plan_of(place)
    note = f"{plan.temp_location}/sluicegate-open-loads/{place.table}/{plan.name}-0.json"
    store_for(note).write(note, json.dumps([f"{plan.folder}/rows-gone.avro"]).encode())
    (said,) = plan.open_loads.finish(sleep=pytest.fail)
    assert f"{plan.name}-0-0" in said
    assert notes(plan) == []


def test_all_parts_are_waited_for(place: Place) -> None:
    """The step ends when the last of several load jobs that run on has ended, and not before."""
    plan = plan_of(place, LoadLimits(files=2))
    place.emulator.run_loads_for(0.6)
    ids = run_load(plan, place, bundles=5)
    assert place.emulator.loads(place.name, "running") == ids
    assert place.emulator.loads(place.name, "done") == ids
    assert len(place.uris()) == 15


def test_a_part_that_is_refused_leaves_those_that_landed(place: Place) -> None:
    """Each part is all or nothing, and several are not: the page says so."""
    plan = plan_of(place, LoadLimits(files=2))
    place.emulator.fail_loads("invalid", message="no")
    with pytest.raises(Exception, match="job fault: load_refused"):
        run_load(plan, place, bundles=5)
    landed = len(place.uris())
    assert landed in (0, 6, 9)
    run_load(plan_of(place, LoadLimits(files=2)), place, bundles=1)
    assert len(place.uris()) == landed + 3
