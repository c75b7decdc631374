"""Preflight: everything about a run that can be known wrong before it is launched."""

from dataclasses import replace
from pathlib import Path

import google.auth
from google.auth import exceptions as auth

from pipeline.output_table import make_ready
from pipeline.settings import Settings, Table
from sluicegate.faults import UsageFault
from sluicegate.landing.earlier_rows import Landed
from sluicegate.sources.matching import LIST_MARK, check_pattern, reaches
from sluicegate.storage import NotFound, StoreError, is_gcs, join, store_for
from sluicegate.storage.patterns import literal


def check(settings: Settings) -> Settings:
    """Return the settings with the table's columns as they are once this has made it fit.

    Raises UsageFault for input without files, places that cannot be written, no credentials. The
    table is created or extended here: load jobs of a run should find it as they need it.
    """
    for pattern in settings.input:
        check_pattern(pattern)
        _check_apart(pattern, settings)
    for name, place in (("failures", settings.failures), ("journal", settings.journal)):
        _check_place(name, place)
    _check_summary(settings.summary)
    if not isinstance(settings.output, Table):
        _check_place("output", settings.output)
    for pattern in settings.reprocessing.replay:
        check_pattern(pattern, "replay")
    _check_credentials(settings)
    _check_fresh(settings)
    resume = settings.reprocessing.resume
    if isinstance(settings.output, Table):
        output = settings.output
        table = make_ready(output, settings.document_type)
        landed = Landed(table=(output.project, output.dataset, output.name))
        return replace(
            settings,
            columns={"fields": table.columns},
            landed=landed if resume and table.was_there else None,
            warnings=settings.warnings + table.warnings,
        )
    return replace(settings, landed=_landed(settings.rows_prefix)) if resume else settings


def _landed(prefix: str) -> Landed | None:
    """Return where row files of earlier runs are; None where there are none."""
    files = join(literal(prefix), "*/rows-*.avro")
    try:
        found = next(iter(store_for(files).list(files)), None)
    except NotFound:
        return None
    except StoreError as error:
        raise UsageFault(f"--output: {error}") from error
    return Landed(files=files) if found else None


def _check_apart(pattern: str, settings: Settings) -> None:
    """Refuse a pattern that would match what the run writes: the next run would read it."""
    if pattern.startswith(LIST_MARK):
        return
    places = {"failures": settings.failures, "journal": settings.journal}
    if not isinstance(settings.output, Table):
        places["output"] = settings.rows_prefix
    for name, place in places.items():
        if reaches(pattern, join(place, "run/part")):
            raise UsageFault(
                f"input {pattern!r} matches what is written under --{name} ({place}); "
                "write outside the input, or name the documents by their ending"
            )


def _check_fresh(settings: Settings) -> None:
    """Refuse a run id that was used before: its rows and failures would be written over."""
    files = [settings.failures_uri]
    if not isinstance(settings.output, Table):
        files.append(settings.rows_uri)
    if settings.run_id in settings.summary:
        files.append(settings.summary)
    try:
        used = [uri for uri in files if next(iter(store_for(uri).list(uri)), None)]
    except StoreError as error:
        raise UsageFault(f"--run_id: {error}") from error
    if used:
        raise UsageFault(
            f"run {settings.run_id!r} was there before: {used[0]} exists; "
            "give another --run_id, or none"
        )


def _check_place(name: str, place: str) -> None:
    try:
        store_for(place).check_writable(place)
    except StoreError as error:
        raise UsageFault(f"--{name}: {error}") from error


def _check_summary(uri: str) -> None:
    _check_place("summary", uri.rpartition("/")[0] or ".")
    if not is_gcs(uri) and Path(uri).is_dir():
        raise UsageFault(f"--summary: {uri!r} is a folder; give the name of a file")


def _check_credentials(settings: Settings) -> None:
    connection = settings.connect.connection
    if not connection.is_vertex or connection.endpoint.startswith("http://"):
        return
    try:
        google.auth.default()
    except auth.DefaultCredentialsError as error:
        raise UsageFault(
            "no Google Cloud credentials for Vertex AI: run "
            "'gcloud auth application-default login', or set GEMINI_API_KEY"
        ) from error
