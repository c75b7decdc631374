"""Where an output lies: the rows of a run, or of several, and their failures."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """Rows in a table (project, dataset, name) or in Avro files (`files`, a pattern), not both.

    `failures` is a pattern of JSON Lines files, empty for none. `run_id` chooses the rows and
    failures of one run, empty for all.
    """

    name: str  # what reports call it
    table: tuple[str, str, str] | None = None
    files: str = ""
    failures: str = ""
    run_id: str = ""
