"""Row files in every format: run again, compared, evaluated, mixed."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from support import KEY, Job, Landed, files, sha256, write_invoices

import pipeline
from emulators.cloud import LocalCloud
from emulators.gemini import GeminiEndpoint
from pipeline.comparison.command import compare, evaluate
from samples.generator import generate
from tests.pipeline.test_bigquery import ANSWERS, run_on_bigquery, scripted_endpoint
from tests.pipeline.test_compare import report
from transforms.outputs import FORMATS

OTHERS = [name for name in FORMATS if name != "avro"]


def counts(landed: Landed) -> tuple[int, int, int, int]:
    """Return matched documents, rows, skipped, and calls."""
    summary = landed.summary
    assert summary.balanced
    assert len(landed.rows) == summary.rows
    return summary.matched, summary.rows, summary.skipped, summary.calls


@pytest.mark.parametrize("name", OTHERS)
def test_a_finished_job_makes_no_call_and_writes_no_row(
    name: str, job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """Its own rows say what is done; a document more is one call."""
    write_invoices(tmp_path / "in", 3)
    settings = {"input": f"{tmp_path}/in/**", "output_format": name}
    first = job(**settings)
    assert counts(first) == (3, 3, 0, 3)
    assert first.summary.rows_uri == f"{tmp_path}/out/rows/{first.summary.run_id}/rows-*.{name}"
    assert counts(job(**settings)) == (3, 0, 3, 0)
    write_invoices(tmp_path / "in", 1, first=7)
    assert counts(job(**settings)) == (4, 1, 3, 1)
    assert endpoint.stats()["calls"] == 4


def test_the_format_may_change_between_runs(
    job: Job, endpoint: GeminiEndpoint, tmp_path: Path
) -> None:
    """Rows of every format under the prefix say what is done; the latest of them counts."""
    first, *_ = write_invoices(tmp_path / "in", 2)
    settings = {"input": f"{tmp_path}/in/**"}
    assert counts(job(**settings, output_format="avro")) == (2, 2, 0, 2)
    write_invoices(tmp_path / "in", 1, first=10)
    assert counts(job(**settings, output_format="parquet")) == (3, 1, 2, 1)
    write_invoices(tmp_path / "in", 1, first=11)
    assert counts(job(**settings, output_format="jsonl")) == (4, 1, 3, 1)
    # Changed, and changed back: the current row, in another format, is the wrong one.
    content = first.read_bytes()
    first.write_bytes(content + b"\n% changed")
    assert counts(job(**settings, output_format="jsonl")) == (4, 1, 3, 1)
    first.write_bytes(content)
    assert counts(job(**settings, output_format="parquet")) == (4, 1, 3, 0)
    assert counts(job(**settings, output_format="avro")) == (4, 0, 4, 0)
    assert endpoint.stats()["calls"] == 5


@pytest.mark.parametrize("name", OTHERS)
def test_a_damaged_file_of_rows_costs_nothing(
    name: str, job: Job, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its documents land again from the journal; the file is named."""
    write_invoices(tmp_path / "in", 2)
    settings = {"input": f"{tmp_path}/in/**", "output_format": name}
    (path,) = files(job(**settings).summary.rows_uri)
    path.write_bytes(path.read_bytes()[:-30])
    assert counts(job(**settings)) == (2, 2, 0, 0)
    assert str(path) in caplog.text


@pytest.fixture(scope="module")
def hostile(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Run over hostile answers into a table, and into files of every format under one folder.

    Returns summaries by output; all runs read the same documents of a bucket.
    """
    folder = tmp_path_factory.mktemp("hostile")
    paths = write_invoices(folder / "in", len(ANSWERS))
    texts = {sha256(path): text for path, (text, _) in zip(paths, ANSWERS.values(), strict=True)}
    summaries = {name: folder / f"{name}.json" for name in ("table", *FORMATS)}
    with pytest.MonkeyPatch.context() as patch, scripted_endpoint(texts) as endpoint:
        patch.setenv("GEMINI_API_KEY", KEY)
        settings = {"journal": f"{folder}/journal", "summary": str(summaries["table"])}
        _, _, name = run_on_bigquery(cloud, folder / "in", endpoint.url, **settings)
        for each in FORMATS:
            pipeline.run(
                **{**settings, "summary": str(summaries[each])},
                input=f"gs://sluicegate/{name}/in/**",
                output=str(folder / each),
                output_format=each,
                gemini_service="developer",
                gemini_endpoint=endpoint.url,
            )
    return summaries


ROWS = sum(code is None for _, code in ANSWERS.values())


def check_same(before: object, after: object, folder: Path) -> None:
    """Compare two outputs, and check that all rows of both are the same."""
    prefix = folder / "report"
    assert compare([f"--before={before}", f"--after={after}", f"--report={prefix}"]) == 0
    found = report(prefix)
    assert (found["before"]["rows"], found["after"]["rows"]) == (ROWS, ROWS)
    assert (found["both_rows"], found["rows_same"]) == (ROWS, ROWS)


@pytest.mark.parametrize("name", FORMATS)
def test_files_hold_what_the_table_holds(
    name: str, hostile: dict[str, Path], tmp_path: Path
) -> None:
    """Hostile text, every decimal, nested items: compare finds no difference to BigQuery."""
    check_same(hostile["table"], hostile[name], tmp_path)


def test_outputs_are_named_by_folder_file_or_pattern(
    hostile: dict[str, Path], tmp_path: Path
) -> None:
    """Each format on either side of a comparison, named in each way."""
    avro, parquet, jsonl = (hostile["avro"].parent / name for name in FORMATS)
    (file,) = parquet.glob("rows/*/rows-*.parquet")
    check_same(avro, file, tmp_path)
    check_same(file, jsonl, tmp_path)
    check_same(f"{jsonl}/rows/*/rows-*", f"{avro}/**.avro", tmp_path)
    check_same(next(jsonl.glob("rows/*")), parquet, tmp_path)


@pytest.mark.parametrize("name", FORMATS)
def test_files_are_evaluated(name: str, hostile: dict[str, Path], tmp_path: Path) -> None:
    """A number is right to its last digit, whatever format it was read from."""
    number = [*ANSWERS].index("every decimal")
    truth = tmp_path / "truth.jsonl"
    right = {"document": sample_name(number), "total_amount": "123456789012345.123456789"}
    truth.write_text(json.dumps(right))
    given = [f"--rows={hostile[name]}", f"--truth={truth}"]
    assert evaluate([*given, "--min_accuracy=1"]) == 0
    truth.write_text(json.dumps({**right, "total_amount": "123456789012345.123456788"}))
    assert evaluate([*given, "--min_accuracy=0.5"]) == 1


def sample_name(number: int) -> str:
    """Return the name that `write_invoices` gives a document."""
    return generate(1, number, formats=("pdf",), small=True).name


def test_texts_of_an_unknown_type_are_not_compared(
    hostile: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """JSON Lines without its schema: that is said, for numbers would be compared as texts."""
    (file,) = (hostile["jsonl"].parent / "jsonl").glob("rows/*/rows-*.jsonl")
    alone = tmp_path / "rows-alone.jsonl"
    alone.write_bytes(file.read_bytes())
    assert compare([f"--before={file}", f"--after={alone}"]) == 1
    said = capsys.readouterr().err
    assert "there is no" in said
    assert "schema.json" in said
    assert "(output_unreadable)" in said


def test_damaged_files_fail_a_comparison(
    hostile: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What resume passes over, compare must not: half an output is another output."""
    for name in FORMATS:
        (file,) = (hostile[name].parent / name).glob(f"rows/*/rows-*.{name}")
        shutil.copytree(file.parent, tmp_path / name)
        cut = tmp_path / name / file.name
        cut.write_bytes(file.read_bytes()[:-30])
        assert compare([f"--before={file}", f"--after={cut.parent}"]) == 1
        said = capsys.readouterr().err
        assert f"{str(cut)!r} cannot be read" in said


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        ({"output_format": "csv"}, "--output_format 'csv': choose avro, parquet, jsonl"),
        (
            {"output": "p:d.t", "output_format": "avro", "failures": "f"},
            "--output_format is for files under a path prefix, and --output p:d.t is a table",
        ),
    ],
)
def test_what_cannot_be_written_so_is_refused(flags: dict[str, Any], says: str) -> None:
    """Before anything is launched, in one sentence."""
    with pytest.raises(pipeline.UsageFault, match=re.escape(says)):
        pipeline.run(**{"input": "in/*", "output": "out", **flags})


def test_a_run_id_that_was_used_in_another_format_is_refused(job: Job, tmp_path: Path) -> None:
    """Its rows would stand beside those of the first."""
    write_invoices(tmp_path / "in", 1)
    settings = {"input": f"{tmp_path}/in/**", "run_id": "r"}
    job(**settings)
    with pytest.raises(pipeline.UsageFault, match="was there before"):
        job(**settings, failures=str(tmp_path / "elsewhere"), output_format="parquet")
