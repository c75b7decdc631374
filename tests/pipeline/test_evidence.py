"""Evidence in the outputs: written, read back, asked for in SQL, added later without a call."""

import json
from pathlib import Path
from typing import Any

import pytest
from place import Place
from support import Job, read_rows, write_invoices

import pipeline
from emulators.cloud import LocalCloud
from emulators.gemini import Behaviour, GeminiEndpoint
from pipeline.flags.comparison import EVALUATE
from samples.generator import generate
from sluicegate.faults import UsageFault

DOUBTFUL = """
SELECT document_uri, e.field, e.text, e.doubt
FROM `{table}`, UNNEST(evidence) AS e
WHERE e.doubt IS NOT NULL
"""
ITS_PLACE = """
SELECT e.page, e.x0, e.y0, e.x1, e.y1, e.text
FROM `{table}`, UNNEST(evidence) AS e
WHERE document_uri = '{uri}' AND e.field = 'total_amount'
"""


def slip(parts: list[tuple[str, bytes]], schema: dict[str, Any]) -> dict[str, Any]:
    """Read a document as the stand-in does, with one digit of the total wrong."""
    from emulators.reader import read_fields  # noqa: PLC0415 - OCR is loaded where it is needed

    found = read_fields(parts, schema)
    return {**found, "total_amount": found["total_amount"] + 1}


def test_formats_hold_the_same_evidence_and_it_comes_later_without_a_call(
    tmp_path: Path, api_key: str
) -> None:
    """A run without it, then runs of the journal that add it, in every format of files."""
    write_invoices(tmp_path / "in", 2)
    with GeminiEndpoint(Behaviour()) as endpoint:
        places: dict[str, Any] = {}
        for form, how in (
            ("avro", "off"),
            ("avro", "text"),
            ("parquet", "auto"),
            ("jsonl", "auto"),
        ):
            summary = pipeline.run(
                input=f"{tmp_path}/in/**", output=str(tmp_path / f"{form}-{how}"),
                failures=str(tmp_path / "failures"), output_format=form, evidence=how,
                resume="false", gemini_endpoint=endpoint.url,
            )  # fmt: skip
            assert summary is not None
            assert (summary.rows, summary.balanced) == (2, True)
            assert summary.calls == (2 if how == "off" else 0)
            assert summary.settings["evidence"] == how
            places[form, how] = {
                row["document_uri"]: row["evidence"] for row in read_rows(summary.rows_uri)
            }
    without, *others = places.values()
    assert all(evidence == [] for evidence in without.values())
    assert others[0] == others[1] == others[2]
    for evidence in others[0].values():
        assert {each["found"] for each in evidence} <= {"exact", "exact_many", "derived"}
        assert not [each for each in evidence if each["doubt"]]


def test_evidence_in_a_table_is_asked_for_in_sql(
    cloud: LocalCloud, api_key: str, tmp_path: Path
) -> None:
    """All doubtful values, and the place of one; a table of before gains the columns."""
    write_invoices(tmp_path / "in", 1)
    with GeminiEndpoint(Behaviour(), reader=slip) as endpoint:
        place = Place(cloud, endpoint, tmp_path)
        place.make()
        lean = [field for field in place.client.get_table(place.table).schema
                if field.name not in ("evidence", "needs_review", "values_unfound")]  # fmt: skip
        place.client.delete_table(place.table)
        from google.cloud import bigquery  # noqa: PLC0415 - as elsewhere, not for every test

        place.client.create_table(bigquery.Table(place.table, schema=lean))
        assert place.run().rows == 1
    (doubtful,) = place.client.query_and_wait(DOUBTFUL.format(table=place.table))
    assert doubtful["field"] == "total_amount"
    assert doubtful["doubt"] == "printed nowhere on the pages"
    (row,) = place.client.query_and_wait(f"SELECT * FROM `{place.table}`")
    assert (row["needs_review"], row["values_unfound"]) == (True, 1)
    sql = ITS_PLACE.format(table=place.table, uri=row["document_uri"])
    (found,) = place.client.query_and_wait(sql)
    assert found["page"] is None
    sql = sql.replace("total_amount", "invoice_id")
    (found,) = place.client.query_and_wait(sql)
    assert found["page"] == 1
    assert 0 < found["x0"] < found["x1"] < 1
    assert found["text"] == row["invoice_id"]


def test_rows_with_evidence_are_evaluated(tmp_path: Path, api_key: str, job: Job) -> None:
    """The report says what a review of what is flagged would do."""
    samples = [generate(5, number, formats=("pdf",), small=True) for number in range(4)]
    (tmp_path / "in").mkdir()
    for sample in samples:
        (tmp_path / "in" / sample.name).write_bytes(sample.data)
    truth = tmp_path / "truth.jsonl"
    truth.write_text("".join(json.dumps(sample.truth) + "\n" for sample in samples))
    with GeminiEndpoint(Behaviour(), reader=slip) as endpoint:
        landed = job(input=f"{tmp_path}/in/**", gemini_endpoint=endpoint.url)
    assert len(landed.rows) == 4
    report = tmp_path / "report"
    EVALUATE.run([f"--rows={tmp_path}/out", f"--truth={truth}", f"--report={report}"])
    found = json.loads(report.with_suffix(".json").read_text())
    doubt = found["doubt"]["values"]
    assert doubt["found"]["count"] == doubt["found"]["of"] == 4
    assert doubt["load"]["count"] == 4
    assert doubt["after"]["share"] == 1
    assert found["doubt"]["documents"]["load"]["share"] == 1
    assert found["cells"]["precision"]["low"] < found["cells"]["precision"]["share"]
    assert "review" in report.with_suffix(".html").read_text()


def test_ocr_that_is_not_installed_is_said_at_the_launch(
    tmp_path: Path, api_key: str, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is read or paid for."""
    monkeypatch.setattr("pipeline.evidence.importlib.util.find_spec", lambda _: None)
    write_invoices(tmp_path / "in", 1)
    with pytest.raises(UsageFault, match=r"sluicegate\[ocr\]"):
        job(input=f"{tmp_path}/in/**", evidence="ocr")
