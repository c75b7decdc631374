"""From what a flag names to where its rows and failures lie, looked up before the launch."""

import json

from google.api_core import exceptions as api
from google.auth import exceptions as auth
from google.cloud import bigquery

from pipeline.settings import Table, parse_table
from sluicegate.evaluation.source import Source
from sluicegate.faults import UsageFault, one_line
from sluicegate.storage import NotFound, StoreError, exists_locally, join, store_for
from sluicegate.storage.patterns import compile_pattern
from sluicegate.summary import Summary

_ROWS, _FAILURES = ".avro", ".jsonl"


def find_source(flag: str, text: str, failures: str, run_id: str) -> Source:
    """Return where an output lies. `flag` names it in errors; `failures` and `run_id` may be "".

    Raises UsageFault with one sentence if there is nothing of that name.
    """
    if text.endswith(".json"):
        return _of_summary(flag, text, failures, run_id)
    table = parse_table(text)
    if table:
        _check_table(flag, table)
        source = Source(text, table=(table.project, table.dataset, table.name))
    else:
        files = _pattern(text, _ROWS)
        _check_files(flag, files)
        beside = join(_literal(text), f"failures/**{_FAILURES}") if _is_folder(text) else ""
        source = Source(text, files=files, failures=_if_any(beside))
    given = _given(flag, failures) if failures else source.failures
    name = f"{text}, run {run_id}" if run_id else text
    return Source(name, source.table, source.files, given, run_id)


def check_truth(pattern: str) -> str:
    """Return the pattern of truth files; raise UsageFault unless it matches something."""
    _check_files("truth", pattern)
    return pattern


def _of_summary(flag: str, uri: str, failures: str, run_id: str) -> Source:
    try:
        summary = Summary.from_json(store_for(uri).read(uri))
    except NotFound as error:
        raise UsageFault(f"--{flag}: there is no summary {uri!r}") from error
    except StoreError as error:
        raise UsageFault(f"--{flag}: {error}") from error
    except (json.JSONDecodeError, UnicodeDecodeError, TypeError, AttributeError) as error:
        raise UsageFault(f"--{flag}: {uri!r} is not the summary of a run") from error
    if run_id not in ("", summary.run_id):
        raise UsageFault(f"--{flag}: {uri!r} is the summary of run {summary.run_id!r}")
    table = parse_table(summary.rows_uri)
    if table:
        _check_table(flag, table)
    elif summary.rows:
        _check_files(flag, _in_folder(summary.rows_uri))
    if summary.failures and not failures:
        _check_files(flag, _in_folder(summary.failures_uri))
    return Source(
        name=f"run {summary.run_id}",
        table=(table.project, table.dataset, table.name) if table else None,
        files="" if table else _in_folder(summary.rows_uri),
        failures=_given(flag, failures) if failures else _if_any(_in_folder(summary.failures_uri)),
        run_id=summary.run_id,
    )


def _given(flag: str, failures: str) -> str:
    pattern = _pattern(failures, _FAILURES)
    _check_files(flag, pattern)
    return pattern


def _in_folder(pattern: str) -> str:
    """Return a pattern of a summary as one that is wild in its last part alone."""
    folder, slash, name = pattern.rpartition("/")
    return f"{_literal(folder)}{slash}{name}"


def _literal(text: str) -> str:
    """Return a pattern that means a text itself."""
    return "".join(f"[{c}]" if c in "*?[{" else c for c in text)


def _is_folder(text: str) -> bool:
    literal = exists_locally(text) or compile_pattern(text).is_literal
    return literal and not text.endswith(_ROWS)


def _pattern(text: str, outcome: str) -> str:
    """Return a pattern of the files under a prefix; a pattern or a file is itself."""
    if exists_locally(text) and not text.endswith(outcome):
        return join(_literal(text), f"**{outcome}")  # a name that exists is itself
    if text.endswith(outcome) or not compile_pattern(text).is_literal:
        return text
    return join(text, f"**{outcome}")


def _if_any(failures: str) -> str:
    """Return the pattern if it matches anything: a run without failures may have no files."""
    if not failures:
        return ""
    return failures if _matches("failures", failures) else ""


def _check_files(flag: str, pattern: str) -> None:
    if not _matches(flag, pattern):
        raise UsageFault(
            f"--{flag}: {pattern!r} matches no files; a path of a summary is seen from the folder "
            "that its run was started in"
        )


def _matches(flag: str, pattern: str) -> bool:
    try:
        return next(iter(store_for(pattern).list(pattern)), None) is not None
    except NotFound:
        return False
    except StoreError as error:
        raise UsageFault(f"--{flag}: {error}") from error


def _check_table(flag: str, table: Table) -> None:
    reference = f"{table.project}.{table.dataset}.{table.name}"
    try:
        found = bigquery.Client(project=table.project).get_table(reference)
    except api.NotFound:
        raise UsageFault(f"--{flag}: there is no table {table}") from None
    except (api.GoogleAPIError, auth.GoogleAuthError) as error:
        raise UsageFault(f"--{flag} {table}: {one_line(error)}") from error
    if "document_uri" not in {field.name for field in found.schema}:
        raise UsageFault(
            f"--{flag}: table {table} has no column document_uri: its rows are none of this job"
        )
