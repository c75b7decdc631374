"""Where a run's journal is by default, and the name of a job that follows from it.

Needs nothing but the standard library: what launches the template runs without an environment.
"""

import hashlib
import re

from sluicegate.storage.store import beside, is_gcs, join

_LONGEST = 63  # characters of a Dataflow job's name
_HASH_DIGITS = 10


def default_journal(output: str, failures: str) -> str:
    """Return the journal of a run that names none; "" where its failures have no place either."""
    failures = failures.rstrip("/") or (join(output, "failures") if is_gcs(output) else "")
    return beside(failures, "journal") if failures else ""


def job_name(document_type: str, journal: str) -> str:
    """Return the name of a job on a journal: Dataflow takes no second active one of a name.

    Small letters, digits and hyphens, `sluicegate-<type>-<hash of the journal's place>`.
    """
    digest = hashlib.sha256(journal.rstrip("/").encode()).hexdigest()[:_HASH_DIGITS]
    kind = re.sub("[^a-z0-9]+", "-", document_type.lower()).strip("-")
    room = _LONGEST - len(f"sluicegate--{digest}")
    return "-".join(part for part in ("sluicegate", kind[:room].strip("-"), digest) if part)
