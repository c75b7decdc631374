"""From what a flag names to where its rows and failures lie, looked up before the launch."""

import difflib
import json

from sluicegate.document_types.table_schema import RESERVED_NAMES
from sluicegate.faults import UsageFault
from sluicegate.landing.resumed import Resumed
from sluicegate.storage import NotFound, StoreError, store_for
from sluicegate.storage.finding import check_files, files_under, in_its_folder, matches_any
from sluicegate.summary import Summary
from transforms.outputs import find_rows, parse_rows_uri
from transforms.read_outcomes import Source

_FAILURES = ".jsonl"


def find_source(flag: str, text: str, failures: str, run_id: str, *, project: str = "") -> Source:
    """Return where an output lies. `flag` names it in errors; `failures` and `run_id` may be "".

    `project` is the job's, in which a table is read; without one it is the table's own.

    Raises UsageFault with one sentence if there is nothing of that name.
    """
    if text.endswith(".json"):
        return _of_summary(flag, text, failures, run_id, project)
    rows = find_rows(text, project)
    rows.check(flag)
    beside = _given(flag, failures) if failures else _if_any(rows.failures)
    name = f"{text}, run {run_id}" if run_id else text
    return Source(name, rows, beside, run_id)


def check_truth(pattern: str) -> str:
    """Return the pattern of truth files; raise UsageFault unless it matches something."""
    check_files("truth", pattern)
    return pattern


def check_fields(fields: tuple[str, ...], source: Source) -> None:
    """Raise UsageFault for a field that the rows do not have, as far as that is known now."""
    names = [name for name in source.rows.columns() if name not in RESERVED_NAMES]
    unknown = [name for name in fields if name not in names]
    if not names or not unknown:
        return
    near = difflib.get_close_matches(unknown[0].partition(".")[0], names, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise UsageFault(
        f"--fields: the rows have no column {unknown[0]!r}; {hint}They have {', '.join(names)}"
    )


def _of_summary(flag: str, uri: str, failures: str, run_id: str, project: str) -> Source:
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
    resumed = Resumed.of(summary)
    rows = parse_rows_uri(summary.rows_uri, project, all_runs=resumed is not None)
    rows.check(flag, has_rows=bool(summary.rows or resumed))
    beside = in_its_folder(summary.failures_uri)
    if summary.failures and not failures:
        check_files(flag, beside)
    return Source(
        name=f"run {summary.run_id}",
        rows=rows,
        failures=_given(flag, failures) if failures else _if_any(beside),
        run_id=summary.run_id,
        resumed=resumed,
    )


def _given(flag: str, failures: str) -> str:
    pattern = files_under(failures, f"**{_FAILURES}", (_FAILURES,))
    check_files(flag, pattern)
    return pattern


def _if_any(failures: str) -> str:
    """Return the pattern if it matches anything: a run without failures may have no files."""
    return failures if failures and matches_any("failures", failures) else ""
