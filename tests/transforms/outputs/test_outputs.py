"""The door: what a person or a summary names, found as an output."""

import pickle

import pytest

from sluicegate.faults import UsageFault
from transforms.outputs import FORMATS, find_rows, parse_output, parse_rows_uri
from transforms.outputs.bigquery import BigQueryTable
from transforms.outputs.files import RowFiles


def test_a_table_has_no_files() -> None:
    """What is asked of outputs is answered by both kinds, and nobody has to know which it is."""
    table, files = parse_output("p:d.t"), parse_output("out/")
    assert isinstance(table, BigQueryTable)
    assert isinstance(files, RowFiles)
    assert (str(table), table.folder, table.default_failures) == ("p:d.t", "", "")
    assert (str(files), files.folder, files.default_failures) == ("out", "out/rows", "out/failures")
    assert (table.needs_temp_location, files.needs_temp_location) == (True, False)
    assert (table.rows_uri("r"), table.files_of("r")) == ("p:d.t", "")
    assert files.rows_uri("r") == "out/rows/r/rows-*.avro"


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_in_the_uri(name: str) -> None:
    """The summary tells which files to read; any format counts for a run id that was used."""
    output = parse_output("gs://b/out", name)
    assert output.rows_uri("r") == f"gs://b/out/rows/r/rows-*.{name}"
    assert output.files_of("r") == "gs://b/out/rows/r/rows-*.{avro,parquet,jsonl}"
    assert pickle.loads(pickle.dumps(output)) == output


@pytest.mark.parametrize("text", ["p:d", "s3://b/out", "p:d.a b"])
def test_what_is_neither_is_refused(text: str) -> None:
    """A colon belongs to tables and gs:// alone."""
    with pytest.raises(UsageFault, match="neither"):
        parse_output(text)


def test_rows_are_found_by_what_names_them() -> None:
    """A table, a prefix, a file, a pattern; a summary's glob is wild in its last part alone."""
    assert find_rows("p.d.t") == parse_rows_uri("p:d.t") == BigQueryTable.named("p:d.t")
    pattern = {
        text: getattr(find_rows(text), "pattern", "")
        for text in ("none/out", "none/a.parquet", "none/*/x", "gs://b/o")
    }
    everything = "**/{*.avro,*.parquet,rows-*.jsonl}"
    assert pattern == {
        "none/out": f"none/out/{everything}",
        "none/a.parquet": "none/a.parquet",
        "none/*/x": "none/*/x",
        "gs://b/o": f"gs://b/o/{everything}",
    }
    assert find_rows("none/out").failures == "none/out/failures/**.jsonl"
    assert find_rows("none/*/x").failures == ""
    odd = parse_rows_uri("a [1]/rows/r/rows-*.jsonl")
    assert getattr(odd, "pattern", "") == "a [[]1]/rows/r/rows-*.jsonl"
