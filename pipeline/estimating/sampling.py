"""The sample: asked through the usual graph, into the usual journal; what it took is read there.

Its rows land beside the failures, not in the output: whoever asks for a price has not yet asked for
rows. The run that follows takes the answers from the journal.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from apache_beam.options.pipeline_options import (
    DirectOptions,
    PipelineOptions,
    SetupOptions,
    StandardOptions,
)

from pipeline import preflight
from pipeline.launch import Prepared, Telling, launch
from pipeline.ready import make_output_ready
from pipeline.runners import make_runner
from pipeline.settings import Settings, read_settings
from sluicegate.asking.journal import decode, entry_uri
from sluicegate.estimate.costs import Took
from sluicegate.live.connect import Connect
from sluicegate.records import Document
from sluicegate.sources.matching import fingerprint_document
from sluicegate.storage import NotFound, beside, exists_locally, join, store_for
from sluicegate.storage.patterns import literal
from sluicegate.summary import Summary

_THREADS = 16


class Places(NamedTuple):
    """Where an estimate and its sample lie."""

    folder: str

    @classmethod
    def of(cls, settings: Settings) -> "Places":
        """Return those of the estimate of a run: beside its failures."""
        return cls(beside(settings.failures, f"estimates/{settings.run_id}"))

    @property
    def estimate(self) -> str:
        """The estimate as JSON."""
        return join(self.folder, "estimate.json")


def prepare_sample(
    flags: dict[str, Any], options: PipelineOptions, settings: Settings, sample: list[Document]
) -> Prepared:
    """Return the run over the sample; raise UsageFault where it cannot be made.

    It differs from the run that is asked about in its input, in where its rows, failures and
    summary go, and in that it is made by this process, whatever --runner is.
    """
    place = Places.of(settings).folder
    flags = {
        **flags,
        "estimate": None,
        "input": [_as_pattern(document.uri) for document in sample],
        "exclude": ["none"],
        "output": place,
        "output_format": "jsonl",
        "failures": join(place, "failures"),
        "journal": settings.journal,
        "summary": join(place, "summary.json"),
        "run_id": settings.run_id,
        "resume": "false",
    }
    options.view_as(StandardOptions).runner = None
    options.view_as(DirectOptions).direct_running_mode = "in_memory"
    options.view_as(SetupOptions).save_main_session = False
    mine = read_settings(flags, options)
    mine = mine.with_warnings(preflight.check(mine))
    return Prepared(make_output_ready(mine), options, make_runner(options))


def run_sample(prepared: Prepared, telling: Telling) -> Summary:
    """Ask about the sample; raise RunFailed where that does not end well."""
    summary = launch(prepared, telling)
    if summary is None:
        raise ValueError("a run of this process has a summary")
    return summary


def took(settings: Settings, sample: Sequence[Document]) -> list[Took]:
    """Return what asking about each document took, by its responses in the journal."""
    with ThreadPoolExecutor(_THREADS) as threads:
        return list(threads.map(lambda one: _took(settings, one), sample))


def _took(settings: Settings, document: Document) -> Took:
    digest = fingerprint_document(document)
    first, others = settings.connect, settings.fallbacks
    found = _responses(first, digest)
    before = bool(found) and settings.reprocessing.journal_use != "own run" and any(
        response.run_id != settings.run_id for response in found
    )  # fmt: skip
    responses = [(first.engine.model, response.usage) for response in found]
    for connect in others:
        model = connect.engine.model
        responses += [(model, response.usage) for response in _responses(connect, digest)]
    return Took(tuple(responses), paid_before=before)


def _responses(connect: Connect, digest: str) -> tuple[Any, ...]:
    request = connect.engine.question.about(digest)
    uri = entry_uri(connect.journal, request)
    try:
        entry = decode(store_for(uri).read(uri), request)
    except NotFound:
        return ()
    return entry.responses if entry else ()


def _as_pattern(uri: str) -> str:
    """Return a pattern that matches just this name."""
    if exists_locally(uri):
        return uri
    name = literal(uri) if "*" in uri else uri
    return name.replace(",", "\\,")
