"""The benchmark runs: peers, a dead server, documents, samples, and a scenario end to end."""

import hashlib
import json
import math
import threading
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.documents import documents
from benchmarks.outage import DeadServer
from benchmarks.plotting import plot
from benchmarks.report import markdown
from benchmarks.sampling import Sampler, growth
from benchmarks.simulated import SIMULATED
from emulators.loopback import Loopback, free_port
from sluicegate.asking import identity
from tests.sluicegate.media.checking import check_pdf


def test_a_short_scenario_from_end_to_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three seconds of the steady scenario: the whole pipeline and a script, at one server."""
    arguments = ["--scenario=steady", "--peer=sluicegate-known,script", "--seconds=3"]
    assert main([*arguments, f"--results={tmp_path}"]) == 0
    found = json.loads((tmp_path / "steady.json").read_text())
    assert set(found["contenders"]) == {"sluicegate-known", "script"}
    for peer in found["contenders"].values():
        figures = peer["figures"]
        assert peer["error"] == ""
        assert (figures["documents"], figures["answered"]) == (60, 60)
        assert (figures["lost"], figures["not_done"]) == (0, 0)
        assert figures["admitted"] == 60
        assert figures["received"] == figures["admitted"] + figures["rejected"]
        assert 0.1 < figures["p50"] <= figures["p99"] < 30
        assert figures["cpu_ms"] > 0.1
        assert sum(sum(part["admitted"]) for part in peer["series"]) == 60
    known = found["contenders"]["sluicegate-known"]
    assert "--requests_per_minute=1200" in known["command"]
    assert known["figures"]["rejected"] == 0
    printed = capsys.readouterr().out
    assert "Sluicegate, quota given" in printed
    assert "| Sluicegate, quota given |" in (tmp_path / "benchmarks.md").read_text()
    plot(found, tmp_path / "steady.png")
    assert (tmp_path / "steady.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "steady.png").stat().st_size < 150_000


def test_an_overloaded_model_from_end_to_end(tmp_path: Path) -> None:
    """Two seconds of 30 % 503s: nobody loses a document, and only the undisturbed meets none."""
    arguments = ["--scenario=unavailable-30", "--peer=sluicegate,sluicegate-undisturbed"]
    assert main([*arguments, "--seconds=2", f"--results={tmp_path}"]) == 0
    found = json.loads((tmp_path / "unavailable-30.json").read_text())
    ours, calm = (
        found["contenders"][name]["figures"] for name in ("sluicegate", "sluicegate-undisturbed")
    )
    for figures in (ours, calm):
        assert (figures["documents"], figures["lost"], figures["not_done"]) == (32, 0, 0)
        assert figures["goodput"] is None
        assert figures["rate"] > 0
    assert (calm["received"], calm["failed"], calm["waste"]) == (32, 0, 0)
    assert ours["received"] == 32 + ours["failed"] > 32
    assert ours["waste"] == pytest.approx(ours["failed"] / ours["received"], abs=1e-5)
    assert ours["slowdown"] == pytest.approx(ours["seconds"] / calm["seconds"], abs=1e-5)
    plot(found, tmp_path / "unavailable-30.png")
    assert (tmp_path / "unavailable-30.png").read_bytes().startswith(b"\x89PNG")


def test_scenarios_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """--list names every scenario and runs none."""
    assert main(["--list"]) == 0
    printed = capsys.readouterr().out
    for name in ("steady", "slow", "shallow", "steps", "two", "four", "outage"):
        assert f"\n{name} " in f"\n{printed}"


def test_an_unknown_scenario_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A name that is none is answered with those that are."""
    with pytest.raises(SystemExit):
        main(["--scenario", "steady,unsteady"])
    assert "unsteady is none of steady" in capsys.readouterr().err


def test_a_dead_server_counts_who_calls_and_answers_nobody() -> None:
    """Every request is counted by its key and broken; afterwards the port is free again."""
    port = free_port()
    with DeadServer(port) as dead:
        for key in ("a", "a", "b.1"):
            with Loopback(port) as connection, pytest.raises(OSError, match=r".*"):
                connection.send("POST", "/v1beta/x", b"{}", {"X-Goog-Api-Key": key})
    assert dead.calls == {"a": 2, "b.1": 1}
    with DeadServer(port) as again:
        pass
    assert again.calls == {}


def test_a_dead_server_on_a_port_in_use_says_so() -> None:
    """Where another listens it cannot count, and says so at once."""
    port = free_port()
    with DeadServer(port), pytest.raises(OSError, match="in use"), DeadServer(port):
        pass


def test_documents_are_valid_and_no_two_are_alike() -> None:
    """Thousands of copies are whole PDFs of one page, each with bytes of its own."""
    made = dict(documents(100))
    assert len(made) == len({hashlib.sha256(data).digest() for data in made.values()}) == 100
    assert all(check_pdf(data, 10) == 1 for data in made.values())
    assert dict(documents(3, first=7)).keys() == {f"document-{n:06}.pdf" for n in (7, 8, 9)}


def test_documents_can_be_of_a_size() -> None:
    """Two megabytes are two megabytes, and still a valid PDF."""
    ((_, data),) = documents(1, size_bytes=2_000_000)
    assert len(data) == pytest.approx(2_000_000, abs=100)
    assert check_pdf(data, 10) == 1


def test_memorys_growth_is_its_slope_per_ten_thousand() -> None:
    """Start and end do not count; three megabytes each 10,000 documents are three."""
    memory = [(done, 100 + 3 * done / 10_000) for done in range(0, 100_000, 1000)]
    memory = [(0, 20.0), *memory, (100_000, 900.0)]
    assert growth(memory, 100_000) == pytest.approx(3.0)
    assert math.isnan(growth(memory[:2], 100_000))


def test_cpu_time_is_put_to_the_part_that_used_it() -> None:
    """A thread that hashes in identity.py shows up under its part, and by about its time."""
    code = compile(
        "def work(ended):\n    while not ended.is_set():\n        sum(range(20_000))\n",
        identity.__file__,
        "exec",
    )
    space: dict[str, object] = {}
    exec(code, space)
    ended, seen = threading.Event(), threading.Event()
    worker = threading.Thread(target=space["work"], args=(ended,))  # type: ignore[arg-type]

    def done() -> int:
        if sampler.cpu_seconds.get("request identity", 0.0) > 0.1:
            seen.set()
        return 1

    sampler = Sampler(done)
    worker.start()
    sampler.start()
    assert seen.wait(30)
    ended.set()
    worker.join()
    sampler.stop()
    assert next(iter(sampler.cpu_seconds)) == "request identity"
    assert sampler.memory[0][1] > 1


@pytest.mark.parametrize("name", SIMULATED)
def test_a_simulation_has_the_form_of_a_result(name: str, tmp_path: Path) -> None:
    """Two simulated minutes have figures, a plot and a place in the report, as a scenario has."""
    scenario = SIMULATED[name]
    result = scenario.measure(120)
    ours = result["contenders"]["sluicegate"]
    assert 0 < ours["figures"]["goodput"] <= 1.2
    assert 0 <= ours["figures"]["waste"] < result["contenders"]["fixed-40"]["figures"]["waste"]
    (series,) = ours["series"]
    assert len(series["admitted"]) == len(series["quota"]) == 120 / scenario.step
    assert "in virtual time" in markdown([result])
    plot(result, tmp_path / "overload.png")
    assert (tmp_path / "overload.png").exists()
