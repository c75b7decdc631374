"""Beam's Prism runner: the same job, the same rows."""

from pathlib import Path

import alone
import pytest
from cluster.prism import prism
from cluster.running import comparable, landed_in
from support import write_invoices

pytestmark = pytest.mark.cluster


def test_prism_does_what_the_local_runner_does(tmp_path: Path) -> None:
    """Rows and failures are byte for byte the same, and nothing is left running or listening."""
    runner = ["--runner=PrismRunner", f"--prism_location={prism()}"]
    write_invoices(tmp_path / "in", 400)
    found = {}
    for name, flags in (("prism", runner), ("direct", [])):
        out = tmp_path / name
        job = [f"--input={tmp_path}/in/**", f"--output={out}", "--run_id=run"]
        ended = alone.run([*job, *flags])
        assert ended["code"] == 0, ended["said"]
        assert not ended["left"]
        assert not ended["listening"]
        found[name] = landed_in(out, "run")
        assert found[name].summary.balanced
        assert found[name].summary.calls == ended["stats"]["calls"]
    assert found["prism"].summary.matched == 400
    assert len(found["prism"].failures) >= 10
    assert comparable(found["prism"]) == comparable(found["direct"])
