"""From settings to an estimate: list, read, ask, and add up."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from typing import Any, NamedTuple

from apache_beam.options.pipeline_options import PipelineOptions

from pipeline.estimating.listing import PagesRead, choose_to_read, read_pages, take_census
from pipeline.estimating.pace import hours_of
from pipeline.estimating.sampling import Places, prepare_sample, run_sample, took
from pipeline.launch import Telling, to_arguments
from pipeline.options import parse_flags
from pipeline.settings import Settings, read_settings
from sluicegate.estimate.arithmetic import Rough, roughly
from sluicegate.estimate.census import KINDS, Census
from sluicegate.estimate.costs import Costs, Looked, costs_of, pages_of
from sluicegate.estimate.notes import notes
from sluicegate.estimate.plan import Part, to_ask
from sluicegate.estimate.result import Estimate, Figure, OfKind, Sample, figure
from sluicegate.faults import UsageFault, one_line
from sluicegate.storage import StoreError, store_for
from sluicegate.summary import Summary

# Draws the same sample each time: a second estimate asks nothing, and a larger one asks the rest.
SEED = 0
LEAST_SAMPLE = 10


def estimate(**settings: Any) -> Estimate:
    """Return what a run with these settings would cost; `estimate` is how many are asked.

    Flags are keywords as those of `run`. Raises UsageFault where it cannot be made as given,
    RunFailed where asking the sample did not end well.
    """
    asked = prepare_estimate(to_arguments({"estimate": 200, **settings}))
    return estimate_of(asked, Telling(), nullcontext())


class Asked(NamedTuple):
    """An estimate that was asked for: the flags of its run as texts, and judged."""

    flags: dict[str, Any]
    options: PipelineOptions
    settings: Settings
    ask: int  # documents

    @property
    def uri(self) -> str:
        """Where the estimate is stored."""
        return Places.of(self.settings).estimate


def prepare_estimate(arguments: list[str]) -> Asked:
    """Judge a command line; raise UsageFault if it cannot be estimated as given."""
    flags, options = parse_flags(arguments)
    settings = read_settings(flags, options)
    return Asked(flags, options, settings, _checked(settings))


def estimate_of(
    asked: Asked, telling: Telling, watching: AbstractContextManager[object]
) -> Estimate:
    """Return the estimate, which is stored beside its sample, too.

    The sample is asked while `watching` is entered.
    """
    settings, ask = asked.settings, asked.ask
    census = take_census(settings.input, settings.exclude, SEED, telling.say)
    telling.say(f"{census.documents:,} documents; reading some of them for their pages")
    parts = choose_to_read(census, ask)
    read = read_pages(parts, settings.model.limits)
    to_ask(parts, read.pages, ask)
    summary = _ask_sample(asked, parts, telling, watching) if ask else None
    looked = [
        Looked(part, pages, took(settings, part.asked))
        for part, pages in zip(parts, read.pages, strict=True)
    ]
    about = _About(settings, census, read, looked)
    found = about.asked(summary) if summary else about.rough()
    _store(found, asked.uri)
    return found


def _checked(settings: Settings) -> int:
    ask = settings.given.estimate
    if ask is None:
        raise UsageFault("--estimate is not given")
    if 0 < ask < LEAST_SAMPLE:
        raise UsageFault(
            f"--estimate={ask}: a sample of so few says nothing; give {LEAST_SAMPLE} or more, or 0 "
            "for arithmetic alone"
        )
    if settings.reprocessing.replay:
        raise UsageFault("--estimate is of files that --input names: leave --replay out")
    return ask


def _ask_sample(
    asked: Asked, parts: list[Part], telling: Telling, watching: AbstractContextManager[object]
) -> Summary:
    sample = [one for part in parts for one in part.asked]
    telling.say(f"asking about {len(sample):,} of them")
    prepared = prepare_sample(asked.flags, asked.options, asked.settings, sample)
    with watching:
        return run_sample(prepared, telling)


class _About:
    """What is known of an input, and the estimates made of it."""

    def __init__(
        self, settings: Settings, census: Census, read: PagesRead, looked: list[Looked]
    ) -> None:
        self._settings, self._census, self._read, self._looked = settings, census, read, looked
        self._on: date = settings.started_at.date()

    def rough(self) -> Estimate:
        """Return what arithmetic says."""
        settings = self._settings
        pages = {each.kind: each.pages.value or 0.0 for each in self._kinds()}
        found: Rough = roughly(
            self._census.documents, pages, settings.document_type, settings.model, self._on
        )

        def usd_on(day: date) -> float:
            other = roughly(
                self._census.documents, pages, settings.document_type, settings.model, day
            )
            return other.usd["standard"].high

        documents = float(self._census.documents)
        calls = Figure(documents, documents, documents)
        usd = {tier: figure(ends) for tier, ends in found.usd.items()}
        return self._estimate(
            usd,
            usd,
            (figure(found.tokens_in), figure(found.tokens_out), calls),
            None,
            Sample(self._read.files, self._read.size_bytes, 0),
            usd_on,
        )

    def asked(self, summary: Summary) -> Estimate:
        """Return what the sample says."""
        costs: Costs = costs_of(self._looked, self._on)
        all_took = [each for looked in self._looked for each in looked.took]
        sample = Sample(
            self._read.files,
            self._read.size_bytes,
            len(all_took),
            str(summary.cost_usd),
            sum(each.paid_before for each in all_took),
            summary.failures,
            summary.rows_uri,
            summary.failures_uri,
        )
        return self._estimate(
            {tier: figure(total) for tier, total in costs.usd.items()},
            {tier: figure(total) for tier, total in costs.left_usd.items()},
            (figure(costs.tokens_in), figure(costs.tokens_out), figure(costs.calls)),
            summary,
            sample,
            lambda day: costs_of(self._looked, day).usd["standard"].value,
        )

    def _estimate(
        self,
        usd: dict[str, Figure],
        left: dict[str, Figure],
        counts: tuple[Figure, Figure, Figure],
        summary: Summary | None,
        sample: Sample,
        usd_on: Callable[[date], float],
    ) -> Estimate:
        settings, kinds = self._settings, self._kinds()
        tokens_in, tokens_out, calls = counts
        said = notes(self._looked, settings.document_type, settings.model, self._on, usd_on)
        return Estimate(
            run_id=settings.run_id,
            on=self._on.isoformat(),
            document_type=f"{settings.document_type.name} {settings.document_type.version}",
            model=settings.model.name,
            service=settings.connect.connection.service,
            rough=summary is None,
            documents=self._census.documents,
            size_bytes=sum(each.size_bytes for each in kinds),
            kinds=kinds,
            pages=figure(pages_of(self._looked)),
            usd=usd,
            left_usd=left,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            calls=calls,
            hours=hours_of(settings, calls, tokens_in, summary),
            sample=sample,
            notes=tuple(said),
        )

    def _kinds(self) -> tuple[OfKind, ...]:
        found = []
        for kind in KINDS:
            documents, size = self._census.of_kind(kind)
            if documents:
                own = [each for each in self._looked if each.part.group.kind == kind]
                found.append(OfKind(kind, documents, size, figure(pages_of(own))))
        return tuple(found)


def _store(found: Estimate, uri: str) -> None:
    try:
        store_for(uri).write(uri, found.to_json().encode())
    except StoreError as error:
        raise UsageFault(f"the estimate cannot be stored: {one_line(error)}") from error
