"""Flags of `run`: documents and where results go."""

from dataclasses import dataclass
from functools import partial

from pipeline.flags.flag import Form, flag
from pipeline.flags.kinds import RUN_ID, Patterns, Text
from sluicegate.landing.row_formats import DEFAULT, TITLES
from sluicegate.records import RUN_ID_PATTERN

_GCS = r"^gs://[a-z0-9][a-z0-9._-]+[a-z0-9](/.*)?$"
_FOLDER = Form(parameter_type="GCS_WRITE_FOLDER", regexes=(_GCS,))

_flag = partial(flag, group="documents and where results go")


def _formats() -> str:
    *others, last = (
        f"'{name}'" if name == title.lower() else f"'{name}' ({title})"
        for name, title in TITLES.items()
    )
    return f"{', '.join(others)} or {last}"


@dataclass(frozen=True, kw_only=True)
class PlaceFlags:
    """Where documents are, and where everything made of them goes."""

    input: tuple[str, ...] = _flag(
        Patterns(),
        "Files to read: local or gs:// patterns, comma-separated or repeated. * and ? stay within "
        "a folder, ** crosses folders, {a,b} chooses. @FILE reads patterns from a file, one a "
        "line. Required, unless --replay is given.",
        example="gs://my-bucket/2026/**.pdf,gs://my-bucket/scans/*.tif",
        form=Form(regexes=(r"^@?gs://.+$",)),
    )
    exclude: tuple[str, ...] = _flag(
        Patterns(),
        "Files to leave out: held against their names, or with a / against the end of their paths, "
        "comma-separated or repeated. They are counted in the summary. 'none' leaves out nothing.",
        otherwise="files of systems and programs, such as .DS_Store and Thumbs.db",
        metavar="PATTERN",
        example="*.xml,drafts/*",
    )
    output: str = _flag(
        Text(),
        "Where rows go: project:dataset.table, or a path prefix for files.",
        required="project:dataset.table, or a path prefix",
        metavar="TABLE|PREFIX",
        example="my-project:invoices.extracted",
        form=Form(regexes=(r"^(gs://.+|([A-Za-z0-9.:_-]+)[:.]\w+\.[\w-]+)$",)),
    )
    output_format: str = _flag(
        Text(),
        f"How rows are written under a path prefix: {_formats()}.",
        otherwise=DEFAULT,
        metavar="FORMAT",
        example="parquet",
        form=Form(regexes=(f"^({'|'.join(TITLES)})$",)),
    )
    failures: str = _flag(
        Text(),
        "Where failure records go, as JSON Lines.",
        otherwise="'failures' under a path --output; required with a table",
        metavar="PREFIX",
        example="gs://my-bucket/work/failures",
        form=_FOLDER,
    )
    journal: str = _flag(
        Text(),
        "Where answers are kept so that none is paid for twice. Keep it between runs.",
        otherwise="'journal' beside --failures",
        metavar="PREFIX",
        example="gs://my-bucket/work/journal",
        form=_FOLDER,
    )
    summary: str = _flag(
        Text(),
        "Where the run summary goes, as JSON.",
        otherwise="'summaries/RUN_ID.json' beside --failures",
        metavar="FILE",
        example="gs://my-bucket/work/summaries/november.json",
        in_summary=False,  # it is the file itself
        form=Form(parameter_type="GCS_WRITE_FILE", regexes=(_GCS,)),
    )
    run_id: str = _flag(
        RUN_ID,
        "Name of this run in rows, failures and paths.",
        otherwise="the time of the start and eight random digits",
        metavar="ID",
        example="november-2026",
        in_summary=False,  # the summary begins with it
        form=Form(label="Run ID", regexes=(f"^{RUN_ID_PATTERN.pattern}$",)),
    )
