"""From flags to frozen settings of review."""

import getpass
import importlib.util
from dataclasses import dataclass
from typing import Any

from pipeline.comparison.sources import find_source
from pipeline.flags.flag import judge
from pipeline.flags.review import ReviewFlags
from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.load import load_document_type
from sluicegate.faults import UsageFault
from sluicegate.review.documents import Places
from sluicegate.storage import StoreError, is_gcs, join, store_for
from transforms.read_outcomes import Source

# A page that opens from the disk has all of its documents in it: some 20 KB each, and pictures.
MOST_IN_A_FOLDER = 1_000


@dataclass(frozen=True, slots=True)
class ReviewSettings:
    """Everything a review needs to know."""

    rows: Source
    document_type: DocumentType | None  # None: as the rows say
    places: Places
    worst: int
    random: int
    seed: str
    output: str
    serve: bool
    port: int
    reviewer: str
    ocr: bool
    open: bool


def read_review_settings(flags: dict[str, Any], *, project: str = "") -> ReviewSettings:
    """Judge all flags; raise UsageFault with one sentence for the first that is wrong."""
    given = judge(ReviewFlags, flags)
    if given.worst + given.random == 0:
        raise UsageFault("--worst and --random are both 0: there is nothing to look at")
    if not given.serve and given.worst + given.random > MOST_IN_A_FOLDER:
        raise UsageFault(
            f"--worst and --random are more than {MOST_IN_A_FOLDER:,} documents, too many for a "
            "page in a file; give --serve, or fewer"
        )
    output = given.output.rstrip("/") or "/"
    if given.serve and is_gcs(output):
        raise UsageFault("--output is a folder of this machine with --serve: decisions go there")
    try:
        store_for(output).check_writable(join(output, "pages"))
    except StoreError as error:
        raise UsageFault(f"--output: {error}") from error
    kind = load_document_type(given.document_type) if given.document_type else None
    if kind is not None:
        check_fields(kind)
    return ReviewSettings(
        rows=find_source("rows", given.rows, given.failures, given.run_id, project=project),
        document_type=kind,
        places=Places(given.documents),
        worst=given.worst,
        random=given.random,
        seed=given.seed,
        output=output,
        serve=given.serve,
        port=given.port,
        reviewer=given.reviewer or _account(),
        ocr=given.ocr and importlib.util.find_spec("rapidocr") is not None,
        open=given.open,
    )


def check_fields(kind: DocumentType) -> None:
    """Raise UsageFault for a type with a field of the name that corrections need themselves."""
    if any(field.name == "review" for field in kind.fields):
        raise UsageFault(
            f"document type {kind.name!r} has a field 'review', which is what corrections call "
            "who looked and when; rename the field"
        )


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an account without a name, as containers have
        return ""
