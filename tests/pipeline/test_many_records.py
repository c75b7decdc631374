"""Files of many records, landed, read again and compared, in each output."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import fastavro
import pyarrow.parquet as pq
import pytest
from place import Place
from support import files, read_failures, read_rows, write_invoices

import pipeline
from emulators.cloud import LocalCloud
from emulators.gemini import GeminiEndpoint
from pipeline.comparison.command import compare, evaluate
from sluicegate.current_rows import newest_complete, share_of
from tests.pipeline.many import BAD, GOOD, Scripted
from transforms.outputs import FORMATS

TYPE = """
name: invoices
version: "{version}"
records: many
prompt: {prompt}
schema:
  type: object
  required: [invoice_id, total_amount]
  properties:
    invoice_id: {{type: string}}
    vendor_name: {{type: string}}
    total_amount: {{type: number}}
    line_items:
      type: array
      items:
        type: object
        properties: {{description: {{type: string}}, total: {{type: number}}}}
"""


@dataclass
class Files:
    """An output of files in one format."""

    format: str
    folder: Path
    settings: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.settings = {
            "output": f"{self.folder}/out", "output_format": self.format,
        }  # fmt: skip

    def rows(self) -> list[dict[str, Any]]:
        """Read all rows of all runs."""
        return [
            row
            for run in sorted((self.folder / "out/rows").iterdir())
            for row in read_rows(f"{run}/rows-*.{self.format}")
        ]

    def current(self) -> list[dict[str, Any]]:
        """Return the current rows, as the page on output says of files."""
        documents: dict[str, list[dict[str, Any]]] = {}
        for row in self.rows():
            documents.setdefault(row["document_uri"], []).append(row)
        return [
            row
            for rows in documents.values()
            for row in newest_complete(rows, _extraction, share_of)
        ]

    def forget(self, run_id: str, name: str, index: int) -> None:
        """Take a row away: as if its file had not been landed."""
        (path,) = files(f"{self.folder}/out/rows/{run_id}/rows-*.{self.format}")
        kept = [row for row in read_rows(str(path)) if not _is(row, name, index)]
        if self.format == "jsonl":
            path.write_text("".join(json.dumps(row) + "\n" for row in kept), "utf-8")
        elif self.format == "avro":
            with path.open("rb") as file:
                schema = fastavro.reader(file).writer_schema
            with path.open("wb") as file:
                fastavro.writer(file, schema, kept)  # type: ignore[arg-type]
        else:
            table = pq.read_table(path)
            mask = [not _is(row, name, index) for row in table.to_pylist()]
            pq.write_table(table.filter(mask), path)


class Table(Place):
    """A table of BigQuery."""

    @property
    def settings(self) -> dict[str, Any]:
        """What names it."""
        return {
            "output": f"{self.cloud.project}:tests.{self.name}",
            "failures": f"{self.folder}/out/failures",
            "temp_location": f"gs://sluicegate/{self.name}/temp",
            "project": self.cloud.project,
        }

    def rows(self) -> list[dict[str, Any]]:
        """Read all rows of all runs."""
        return self._read(self.table)

    def current(self) -> list[dict[str, Any]]:
        """Return the current rows, as the view has them."""
        return self._read(f"{self.table}_latest")

    def forget(self, run_id: str, name: str, index: int) -> None:
        """Take a row away: as if its load had not ended."""
        self.client.query_and_wait(
            f"DELETE FROM `{self.table}` WHERE provenance.run_id = '{run_id}' "
            f"AND ENDS_WITH(document_uri, '{name}') AND record_index = {index}"
        )

    def _read(self, table: str) -> list[dict[str, Any]]:
        return [dict(row) for row in self.client.query_and_wait(f"SELECT * FROM `{table}`")]


def _extraction(row: dict[str, Any]) -> tuple[str, ...]:
    made = row["provenance"]
    return str(row["processed_at"]), made["run_id"], made["request_identity"]


def _is(row: dict[str, Any], name: str, index: int) -> bool:
    return row["document_uri"].endswith(name) and row["record_index"] == index


@pytest.fixture(params=["bigquery", *FORMATS])
def output(
    request: pytest.FixtureRequest, tmp_path: Path, endpoint: GeminiEndpoint, api_key: str
) -> Any:
    """Return each output in turn."""
    if request.param != "bigquery":
        return Files(request.param, tmp_path)
    cloud: LocalCloud = request.getfixturevalue("cloud")
    return Table(cloud, endpoint, tmp_path)


@pytest.fixture
def shrinking(tmp_path: Path) -> tuple[list[Path], Scripted]:
    """Write five documents, which are to hold several records."""
    paths = write_invoices(tmp_path / "in", 5)
    return paths, Scripted(paths)


@pytest.fixture
def scripted(shrinking: tuple[list[Path], Scripted]) -> Iterator[dict[str, str]]:
    """Serve what is scripted, by prompt: a stand-in remembers what it has read."""
    with shrinking[1].endpoint() as one, shrinking[1].endpoint() as other:
        yield {"Read.": one.url, "Read!": other.url}


def held(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Return how many rows each document has, by its name."""
    return dict(Counter(Path(row["document_uri"]).name for row in rows))


def counts(summary: Any) -> tuple[int, int, int, int, int]:
    """Return documents that landed, of them partly, failures, rows, calls."""
    assert summary.balanced
    assert summary.matched == summary.landed + summary.failures + summary.skipped
    assert summary.records == summary.rows + summary.record_failures
    assert summary.pages == summary.pages_in_records + sum(summary.pages_set_aside.values())
    return summary.landed, summary.partly, summary.failures, summary.rows, summary.calls


def test_a_document_is_all_rows_of_its_newest_complete_extraction(
    output: Any,
    shrinking: tuple[list[Path], Scripted],
    scripted: dict[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """3 → 2 leaves no stray row and 2 → 3 no half one: in view, resume and compare."""
    (fewer, more, part, none, bad), said = shrinking
    kind = tmp_path / "type.yaml"

    def run(run_id: str, prompt: str, version: str = "1", **settings: Any) -> Any:
        kind.write_text(TYPE.format(version=version, prompt=prompt), "utf-8")
        return pipeline.run(
            **{
                "input": f"{tmp_path}/in/*.pdf", "document_type": str(kind), "run_id": run_id,
                "gemini_service": "developer", "gemini_endpoint": scripted[prompt],
                "journal": f"{tmp_path}/journal", "summary": f"{tmp_path}/{run_id}.json",
                **output.settings, **settings,
            }
        )  # fmt: skip

    said.say({fewer: [GOOD] * 3, more: [GOOD] * 2, part: [GOOD, BAD, GOOD], none: [],
              bad: [BAD, BAD]})  # fmt: skip
    first = run("one", "Read.")
    assert counts(first) == (3, 1, 2, 7, 5)
    assert (first.records, first.record_failures) == (10, 3)
    assert first.failures_by_code == {"schema_mismatch": 1, "no_records": 1}
    assert first.record_failures_by_code == {"schema_mismatch": 3}
    assert (first.pages, first.pages_in_records, first.pages_set_aside) == (5, 4, {"uncited": 1})
    assert held(output.current()) == {fewer.name: 3, more.name: 2, part.name: 2}
    failed = sorted(
        (Path(line["document_uri"]).name, line["record_index"], line["record_count"])
        for line in read_failures(f"{tmp_path}/out/failures/one/*.jsonl")
        if line["record_index"] is not None
    )
    assert failed == sorted([(part.name, 1, 3), (bad.name, 0, 2), (bad.name, 1, 2)])

    # What landed, in part or whole, is not done again; what failed costs nothing.
    again = run("two", "Read.")
    assert (*counts(again), again.skipped) == (0, 0, 2, 0, 0, 3)
    # A kill between rows and failures: those of the document that landed in part are recorded.
    for path in files(f"{tmp_path}/out/failures/one/*.jsonl"):
        path.rename(path.with_suffix(".lost"))
    recorded = run("between", "Read.")
    assert (*counts(recorded), recorded.skipped) == (1, 1, 2, 2, 0, 2)
    for path in files(f"{tmp_path}/out/failures/one/*.lost"):
        path.rename(path.with_suffix(".jsonl"))
    # Replayed is what has failed, of the document that landed in part as well.
    replayed = run("three", "Read.", input=None, replay=f"{tmp_path}/out/failures/one/*.jsonl",
                   replay_codes="schema_mismatch")  # fmt: skip
    assert (*counts(replayed), replayed.matched) == (1, 1, 1, 2, 0, 2)
    assert held(output.current()) == {fewer.name: 3, more.name: 2, part.name: 2}

    said.say({fewer: [GOOD] * 2, more: [GOOD] * 3, part: [GOOD] * 3, none: [GOOD], bad: [GOOD]})
    anew = run("four", "Read!")
    assert counts(anew) == (5, 0, 0, 10, 5)
    whole = {fewer.name: 2, more.name: 3, part.name: 3, none.name: 1, bad.name: 1}
    assert held(output.current()) == whole
    assert {row["provenance"]["run_id"] for row in output.current()} == {"four"}
    done = run("five", "Read!")
    assert (*counts(done), done.skipped) == (0, 0, 0, 0, 0, 5)

    report = _compared(tmp_path, "one", "four")
    assert (report["records"]["gained"], report["records"]["lost"]) == (2, 1)
    assert (report["records"]["same"], report["both_rows"], report["recovered"]["documents"]) == (
        6, 3, 2,
    )  # fmt: skip
    assert "records gained or lost" in " ".join(capsys.readouterr().out.split())

    # Half of the newest extraction is there: what is complete stands, and the next run mends it.
    output.forget("four", more.name, 2)
    assert held(output.current()) == whole | {more.name: 2}
    report = _compared(tmp_path, "one", "four")
    assert (report["both_rows"], report["only_before"]["by_kind"]["row"]) == (2, 1)
    mended = run("six", "Read!")
    assert (*counts(mended), mended.skipped) == (1, 0, 0, 3, 0, 4)
    assert held(output.current()) == whole

    _evaluated(tmp_path, [fewer, more, part, none, bad], whole)


def _compared(folder: Path, before: str, after: str) -> Any:
    prefix = folder / f"report-{before}-{after}"
    flags = [f"--before={folder}/{before}.json", f"--after={folder}/{after}.json"]
    assert compare([*flags, f"--report={prefix}"]) == 0
    return json.loads(Path(f"{prefix}.json").read_text())


def _evaluated(folder: Path, paths: list[Path], whole: dict[str, int]) -> None:
    """Hold a run that stands on rows of two runs against the truth, a line a record."""
    lines = [
        {
            "document": path.name, "record_index": number,
            "invoice_id": f"{path.stem}-{number}", "total_amount": number + 0.25,
        }
        for path in paths
        for number in range(whole[path.name] + (path == paths[0]))
    ]  # fmt: skip
    truth = folder / "truth.jsonl"
    truth.write_text("".join(json.dumps(line) + os.linesep for line in lines), "utf-8")
    prefix = folder / "scores"
    flags = [f"--rows={folder}/six.json", f"--truth={truth}", f"--report={prefix}"]
    assert evaluate(flags) == 0
    report = json.loads(Path(f"{prefix}.json").read_text())
    records = report["records"]
    assert (records["truth"], records["found"], records["missed"]) == (11, 10, 1)
    assert (report["exact"], report["missing"], report["rows_right"]) == (20, 2, 4)
