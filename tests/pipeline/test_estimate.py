"""--estimate: the price before the run, from a sample that the run does not pay for again."""

import io
import json
import random
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support import Job, read_rows, write_invoices

import pipeline
from emulators.cloud import LocalCloud
from emulators.gemini import GeminiEndpoint
from pipeline.command import main
from pipeline.estimating import listing
from pipeline.launch import to_arguments
from samples.generator import generate
from sluicegate.estimate.result import Estimate
from sluicegate.gemini.catalogue import load_catalogue
from sluicegate.records import Usage
from sluicegate.sources.excluding import Exclude

MODEL = load_catalogue().get(load_catalogue().default)


def write_mixed(folder: Path) -> int:
    """Write PDFs of one to nine pages, photos, faxes and files that fail; return how many."""
    draw = random.Random(5)
    write_invoices(folder / "bills", 90)
    for index in range(40):
        sample = generate(3, index, formats=("jpeg", "tiff"), small=True)
        (folder / f"{index}-{sample.name}").write_bytes(sample.data)
    for number in range(30):
        pages = 1 + int(draw.expovariate(1 / 3))
        images = [Image.new("L", (200, 100 + number), 240 - page) for page in range(pages)]
        data = io.BytesIO()
        images[0].save(data, "PDF", save_all=True, append_images=images[1:])
        (folder / f"long-{number}.pdf").write_bytes(data.getvalue())
    for number in range(6):
        (folder / f"broken-{number}.pdf").write_bytes(b"%%PDF-1.7\nnothing %d" % number)
    (folder / "notes, old.txt").write_text("no document")
    (folder / ".DS_Store").write_bytes(b"left out")
    return 90 + 40 + 30 + 6 + 1


def charged(endpoint: GeminiEndpoint) -> float:
    """Return what the stand-in would have charged for all that it counted."""
    tokens = endpoint.stats()["tokens"]
    usage = Usage(tokens["prompt"], tokens["cached"], tokens["candidates"], tokens["thoughts"])
    cost = MODEL.cost_usd(usage, date(2026, 11, 27))
    assert cost is not None
    return float(cost)


def holds(figure: dict[str, float], true: float) -> bool:
    """Tell whether an interval of twice and a half the width holds a number.

    One of 95 % would miss it in one run of twenty: the sample goes by names, and so by the folder.
    How often it holds is tested where the names are the same ones.
    """
    half = 2.5 * (figure["high"] - figure["value"]) + 1e-4
    return bool(abs(true - figure["value"]) <= half)


@pytest.fixture
def given(endpoint: GeminiEndpoint, api_key: str, tmp_path: Path) -> dict[str, Any]:
    """Return the flags of a run over files of all kinds."""
    return {
        "input": f"{tmp_path}/in/**",
        "output": f"{tmp_path}/out",
        "gemini_endpoint": endpoint.url,
    }


def test_an_estimate_holds_and_the_run_pays_for_the_rest_only(
    job: Job,
    endpoint: GeminiEndpoint,
    given: dict[str, Any],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The true cost is near, nothing is asked twice, and the estimate itself lands no row."""
    documents = write_mixed(tmp_path / "in")
    assert main(to_arguments({**given, "run_id": "guess", "estimate": "60"})) == 0
    shown = capsys.readouterr()
    folder = tmp_path / "out/estimates/guess"
    found = json.loads((folder / "estimate.json").read_text())
    asked = endpoint.stats()
    assert (found["documents"], found["rough"]) == (documents, False)
    assert {each["kind"]: each["documents"] for each in found["kinds"]}["other"] == 1
    assert 55 <= found["sample"]["asked"] <= 80
    assert asked["answered_more_than_once"] == 0
    paid = charged(endpoint)
    assert float(found["sample"]["paid_usd"]) == pytest.approx(paid)
    # Every file was read, so pages are a count.
    assert found["sample"]["files_read"] == documents
    assert found["pages"]["low"] == found["pages"]["high"] > documents
    assert not (tmp_path / "out/rows").exists()
    assert not (tmp_path / "out/summaries").exists()
    rows = read_rows(f"{folder}/rows/guess/rows-*.jsonl")
    assert len(rows) + found["sample"]["failed"] == found["sample"]["asked"]
    for words in ("left to pay", "95 % intervals", "tokens out", str(found["sample"]["asked"])):
        assert words in shown.out

    again = pipeline.estimate(**{**given, "estimate": 60, "run_id": "again"})
    assert endpoint.stats()["answered"] == asked["answered"]
    assert (again.sample.paid_usd, again.usd["standard"].value) == (
        "0",
        pytest.approx(found["usd"]["standard"]["value"], abs=1e-4),
    )
    # Some documents took several calls: they are asked about in windows.
    assert 50 <= again.sample.answered_before <= asked["answered"]

    summary = job(**given).summary
    stats, true = endpoint.stats(documents=True), charged(endpoint)
    assert summary.balanced
    assert stats["answered_more_than_once"] == 0
    assert summary.journaled >= again.sample.answered_before
    for tier, share in (("standard", 1), ("flex", 0.5), ("batch", 0.5)):
        assert holds(found["usd"][tier], share * true)
    assert holds(found["left_usd"]["standard"], true - paid)
    assert holds(found["tokens_in"], stats["tokens"]["prompt"])
    assert holds(found["tokens_out"], stats["tokens"]["candidates"])
    assert found["usd"]["standard"]["high"] < 1.35 * true


def test_arithmetic_alone_asks_nothing(
    endpoint: GeminiEndpoint,
    given: dict[str, Any],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """--estimate=0 needs no call, gives two ends, and says that it is rough."""
    write_invoices(tmp_path / "in", 30)
    given |= {"requests_per_minute": 10, "run_id": "rough"}
    assert main(to_arguments({**given, "estimate": "0"})) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert endpoint.stats()["calls"] == 0
    assert "roughly, by arithmetic alone" in said
    assert "nothing was asked" in said
    found = json.loads((tmp_path / "out/estimates/rough/estimate.json").read_text())
    assert found["rough"]
    assert found["usd"]["standard"]["low"] < found["usd"]["standard"]["high"]
    assert found["hours"]["hours"]["value"] == 0.05  # 30 calls at 10 a minute
    assert "at 10 calls a minute, as --requests_per_minute says" in said


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"estimate": "5"}, "a sample of so few says nothing; give 10 or more, or 0"),
        ({"estimate": "x"}, "--estimate 'x' is not a number"),
        ({"estimate": "20", "input": None, "replay": "f/*"}, "leave --replay out"),
        ({"estimate": "20", "input": "nothing/*"}, "the input matched no files"),
        ({"estimate": "20", "model": "gemini-9-new"}, "no price of model 'gemini-9-new'"),
    ],
)
def test_what_cannot_be_estimated_is_said(
    flags: dict[str, Any],
    message: str,
    given: dict[str, Any],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One sentence, exit code 2, and no call."""
    write_invoices(tmp_path / "in", 1)
    assert main(to_arguments({**given, **flags})) == 2
    assert message in " ".join(capsys.readouterr().err.split())


def test_a_sample_ends_at_a_ceiling_too(
    given: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 5; with a higher one the next estimate pays for the rest of its sample."""
    write_invoices(tmp_path / "in", 40)
    flags = {**given, "estimate": "40", "max_in_flight": 2}
    assert main(to_arguments({**flags, "max_cost_usd": "0.003"})) == 5
    assert "--max_cost_usd=0.003 is reached" in " ".join(capsys.readouterr().err.split())
    found: Estimate = pipeline.estimate(**flags)
    assert 0 < found.sample.answered_before < 40
    assert Decimal(found.sample.paid_usd) > Decimal("0.003")
    assert found.usd["standard"].low == found.usd["standard"].high


def test_a_run_is_no_estimate(given: dict[str, Any]) -> None:
    """From Python an estimate has a function of its own."""
    with pytest.raises(pipeline.UsageFault, match=r"pipeline\.estimate\(\)"):
        pipeline.run(**given, estimate=20)


def test_files_are_counted_once_whatever_matches_them(tmp_path: Path) -> None:
    """Patterns that overlap, single names and lists of names count each file once."""
    paths = write_invoices(tmp_path, 12)
    names = tmp_path / "names.txt"
    names.write_text("\n".join([str(paths[0]), str(paths[0]), str(paths[1])]))
    patterns = (f"@{names}", f"{tmp_path}/*.pdf", str(paths[2]), f"{tmp_path}/**")
    census = listing.take_census(patterns, Exclude(("*.txt",)), 0, print)
    assert census.documents == 12


def test_much_is_read_in_part(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither more files nor more bytes than the limits: a bucket of millions is sampled."""
    paths = write_invoices(tmp_path, 60)
    census = listing.take_census((f"{tmp_path}/*",), Exclude(()), 0, print)
    monkeypatch.setattr(listing, "MOST_FILES", 25)
    assert 20 <= files_read(census) <= 35
    size = sum(path.stat().st_size for path in paths)
    monkeypatch.setattr(listing, "MOST_FILES", 60)
    monkeypatch.setattr(listing, "MOST_BYTES", size // 3)
    assert 10 <= files_read(census) <= 22


def files_read(census: Any) -> int:
    """Return how many files are chosen to be read."""
    return sum(len(part.read) for part in listing.choose_to_read(census, 10))


def test_a_bucket_with_any_names(
    cloud: LocalCloud, endpoint: GeminiEndpoint, given: dict[str, Any], tmp_path: Path
) -> None:
    """Names that look like patterns or lists are asked about as they are, each once."""
    assert cloud.gcs
    folder = f"estimate-{tmp_path.name}"
    paths = write_invoices(tmp_path / "in", 12)
    names = ("a,b", "a[1]", "a*", "a?", "{a,b}", "@a", "#a", "ä ö", "a\\b", "a'b", "a%20b", "a\n")
    for name, path in zip(names, paths, strict=True):
        cloud.gcs.put("sluicegate", f"{folder}/in/{name}.pdf", path.read_bytes())
    flags = {**given, "input": f"gs://sluicegate/{folder}/in/**", "estimate": 12}
    found = pipeline.estimate(**{**flags, "output": f"gs://sluicegate/{folder}/out"})
    assert (found.documents, found.sample.asked, found.sample.failed) == (12, 12, 0)
    stats = endpoint.stats(documents=True)
    assert (stats["answered"], stats["answered_more_than_once"]) == (12, 0)
    assert cloud.gcs.names("sluicegate", f"{folder}/out/rows/") == []
