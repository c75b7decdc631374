"""The short form of the benchmark of long documents: nothing wrong is silent."""

from pathlib import Path

import pytest

from benchmarks.long_documents import Shares, ask, batch_type, lying, statement_type
from emulators.gemini import Behaviour, GeminiEndpoint
from emulators.gemini.lies import LIES
from samples.batches import make_batch
from samples.statements import make_statement


def test_batches_are_right_flagged_or_repaired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By an honest stand-in and by each lie, over real windows, calls and rows."""
    monkeypatch.setenv("GEMINI_API_KEY", "local")
    made = [make_batch(22, index) for index in (1, 3, 4)]
    with GeminiEndpoint() as endpoint:
        honest = Shares.of(ask(endpoint, made, batch_type(), tmp_path / "honest"))
        assert (honest.right, honest.flagged, honest.files) == (3, 0, 3)
        assert honest.calls > 3
        for lie in LIES:
            endpoint.set_behaviour(lying(lie))
            found = Shares.of(ask(endpoint, made, batch_type(), tmp_path / lie))
            assert (found.right, found.silent, found.flagged) == (0, 0, 3), lie
        for lie in ("merge_records", "split_record"):
            endpoint.set_behaviour(lying(lie))
            again = ask(endpoint, made[1:2], batch_type("reask"), tmp_path / f"{lie}-again")
            assert Shares.of(again).right == 1, lie


def test_statements_are_whole_or_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Recall 1.000 of an honest stand-in, at one price a page; one row in twenty is missed."""
    monkeypatch.setenv("GEMINI_API_KEY", "local")
    short, long = (make_statement(22, 1, rows=n * 20, pages=n) for n in (5, 20))
    with GeminiEndpoint(Behaviour()) as endpoint:
        prices = []
        for sample in (short, long):
            shares = Shares.of(ask(endpoint, [sample], statement_type(), tmp_path / sample.name))
            assert (shares.right, shares.flagged) == (1, 0)
            prices.append(shares.dollars / sample.truth["pages"])
            (tmp_path / sample.name).rename(tmp_path / f"{len(prices)}")
        assert abs(prices[1] / prices[0] - 1) < 0.05
        endpoint.set_behaviour(lying("drop_rows"))
        caught = Shares.of(ask(endpoint, [short], statement_type(), tmp_path / "short"))
        assert (caught.right, caught.flagged) == (0, 1)
