"""The named outputs of every step: what succeeded, and what failed with its reason."""

from typing import Any, Final, NamedTuple

from apache_beam.pvalue import PCollection

OK: Final = "ok"
FAILED: Final = "failed"
STATS: Final = "stats"
SKIPPED: Final = "skipped"
WAITING: Final = "waiting"
UNUSABLE: Final = "unusable"
EXCLUDED: Final = "excluded"
PLANNED: Final = "planned"
UNFIT: Final = "unfit"
LONG: Final = "long"


class Tagged(NamedTuple):
    """Two collections: what succeeded, and Failures. Both must be consumed."""

    ok: PCollection[Any]
    failed: PCollection[Any]
