"""The vocabulary of failures: every code, once, with whose fault it is, its meaning and remedy.

    documents.py    codes of failure records: one document's fault
    jobs.py         codes of a run that stopped: the job's fault

Codes are stable: tools filter and replay by them. Behaviour asks these tables; docs/failures.md is
generated from them.
"""

from sluicegate.codes.code import Blame, Code, Stage
from sluicegate.codes.documents import DOCUMENT_CODES
from sluicegate.codes.jobs import JOB_CODES

__all__ = [
    "CODES", "DOCUMENT_CODES", "JOB_CODES", "Blame", "Code", "Stage", "of_document", "of_job",
    "reference", "stage_of",
]  # fmt: skip

CODES: dict[str, Code] = {**DOCUMENT_CODES, **JOB_CODES}


def of_document(code: str) -> str:
    """Return a document's code as it is; raise ValueError for any other."""
    if code not in DOCUMENT_CODES:
        raise ValueError(f"{code!r} is no code of a document's fault; sluicegate.codes has them")
    return code


def of_job(code: str) -> str:
    """Return a job's code as it is; raise ValueError for any other."""
    if code not in JOB_CODES:
        raise ValueError(f"{code!r} is no code of a job's fault; sluicegate.codes has them")
    return code


def stage_of(code: str) -> Stage:
    """Return the stage that `code` belongs to; raise KeyError for a code that is not ours."""
    return CODES[code].stage


def reference() -> str:
    """Return the two tables of docs/failures.md, in Markdown."""
    return (
        f"## Codes of documents\n\n{_table(DOCUMENT_CODES, 'replay helps')}\n\n"
        f"## Codes of jobs\n\n{_table(JOB_CODES, 'running again helps')}\n"
    )


def _table(codes: dict[str, Code], helps: str) -> str:
    lines = [f"| stage | code | meaning | {helps} | remedy |", "|---|---|---|---|---|"]
    lines += [
        f"| {code.stage} | `{name}` | {code.meaning} | {'yes' if code.retryable else 'no'} "
        f"| {code.remedy} |"
        for name, code in codes.items()
    ]
    return "\n".join(lines)
