"""Preflight: everything about a run that can be known wrong before it is launched."""

import time
from pathlib import Path

import google.auth
from google.auth import exceptions as auth

from pipeline.settings import Settings
from sluicegate.faults import UsageFault
from sluicegate.sources.matching import LIST_MARK, ListingLimit, check_pattern, reaches
from sluicegate.storage import StoreError, is_gcs, join, store_for


def check(settings: Settings) -> tuple[str, ...]:
    """Raise UsageFault for input without files, places that cannot be written, no credentials.

    Returns warnings. Nothing is made, and nothing changed: that is for `ready`.
    """
    limit = ListingLimit.of(time.monotonic)
    warnings = [check_pattern(pattern, limit=limit) for pattern in settings.input]
    for pattern in settings.input:
        _check_apart(pattern, settings)
    for name, place in (("failures", settings.failures), ("journal", settings.journal)):
        _check_place(name, place)
    _check_summary(settings.summary)
    if settings.output.folder:
        _check_place("output", str(settings.output))
    warnings += [check_pattern(each, "replay", limit) for each in settings.reprocessing.replay]
    _check_credentials(settings)
    _check_fresh(settings)
    return tuple(filter(None, warnings))


def _check_apart(pattern: str, settings: Settings) -> None:
    """Refuse a pattern that would match what the run writes: the next run would read it."""
    if pattern.startswith(LIST_MARK):
        return
    places = {"failures": settings.failures, "journal": settings.journal}
    if settings.output.folder:
        places["output"] = settings.output.folder
    for name, place in places.items():
        if reaches(pattern, join(place, "run/part")):
            raise UsageFault(
                f"input {pattern!r} matches what is written under --{name} ({place}); "
                "write outside the input, or name the documents by their ending"
            )


def _check_fresh(settings: Settings) -> None:
    """Refuse a run id that was used before: its rows and failures would be written over."""
    files = [settings.failures_uri]
    rows = settings.output.files_of(settings.run_id)
    if rows:
        files.append(rows)
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
