"""Files of many records on two task managers, extracted again with other counts."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from cluster.flink import FlinkCluster
from cluster.running import Job
from support import read_rows, write_invoices

from sluicegate.current_rows import newest_complete, share_of
from tests.pipeline.many import BAD, GOOD, Scripted
from transforms.outputs import FORMATS

pytestmark = pytest.mark.cluster

DOCUMENTS = 60
TYPE = """
name: invoices
records: many
prompt: {prompt}
schema:
  type: object
  required: [invoice_id, total_amount]
  properties:
    invoice_id: {{type: string}}
    total_amount: {{type: number}}
"""


def current(out: Path, form: str) -> Counter[str]:
    """Return how many current rows each document has, by its name."""
    documents: dict[str, list[dict[str, Any]]] = {}
    for run in (out / "rows").iterdir():
        for row in read_rows(f"{run}/rows-*.{form}"):
            documents.setdefault(row["document_uri"], []).append(row)
    return Counter(
        {
            Path(uri).name: len(newest_complete(rows, _extraction, share_of))
            for uri, rows in documents.items()
        }
    )


def _extraction(row: dict[str, Any]) -> tuple[str, ...]:
    made = row["provenance"]
    return str(row["processed_at"]), made["run_id"], made["request_identity"]


@pytest.mark.parametrize("form", FORMATS)
def test_an_extraction_with_other_counts_takes_the_place_of_the_one_before(
    flink: FlinkCluster, tmp_path: Path, form: str
) -> None:
    """No stray row and no half document; what is done is skipped, in part or whole."""
    paths = write_invoices(tmp_path / "in", DOCUMENTS)
    said = Scripted(paths)
    kind = tmp_path / "type.yaml"
    flags = [*flink.flags(), f"--output_format={form}", f"--document_type={kind}"]
    # Every fifth has a record that is none, beside one to three good ones.
    before = {
        path: [GOOD] * (1 + n % 3) + ([BAD] if n % 5 == 0 else []) for n, path in enumerate(paths)
    }
    after = {path: [GOOD] * (3 - n % 3) for n, path in enumerate(paths)}
    out = tmp_path / "out"
    for number, (prompt, records) in enumerate((("Read.", before), ("Read!", after))):
        kind.write_text(TYPE.format(prompt=prompt), "utf-8")
        said.say(records)
        good = {path.name: each.count(GOOD) for path, each in records.items()}
        with said.endpoint() as endpoint:
            job = Job(tmp_path, tmp_path / "in", endpoint.url, flags)
            summary = job.finish(f"first-{number}").summary
            assert (summary.landed, summary.rows) == (DOCUMENTS, sum(good.values()))
            assert summary.record_failures == sum(each.count(BAD) for each in records.values())
            assert summary.records == summary.rows + summary.record_failures
            assert summary.partly == sum(BAD in each for each in records.values())
            assert current(out, form) == good
            again = job.finish(f"again-{number}").summary
            assert (again.skipped, again.rows, again.calls) == (DOCUMENTS, 0, 0)
