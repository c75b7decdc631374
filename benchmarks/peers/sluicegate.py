"""Sluicegate's whole pipeline: matching, reading, checking, pacing, journal, rows, ledger."""

import os
from pathlib import Path

import pipeline
from benchmarks.peers.figures import Figures
from benchmarks.sampling import Sampler
from sluicegate import progress

_RUN = "bench"


class Watched:
    """The run's own progress, taken into the figures when they are printed."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        progress.watch(_RUN)

    def take(self) -> None:
        """Count what has become of documents so far."""
        reached = progress.current(_RUN)
        self._figures.answered = reached.done - reached.failed
        self._figures.lost = reached.failed


def extract(
    documents: str,
    figures: Figures,
    *,
    endpoint: str,
    key: str,
    out: Path,
    flags: list[str],
    sample: bool = False,
) -> None:
    """Run the job on a pattern; ``flags`` are the command line's own, such as a known quota.

    ``sample`` notes where the CPU time went and how the memory grew.
    """
    if not documents.startswith("gs://"):
        os.environ["GEMINI_API_KEY"] = key
    watched = Watched(figures)
    figures.before_print = watched.take
    settings: dict[str, str] = {}
    for flag in flags:
        name, _, value = flag.removeprefix("--").partition("=")
        settings[name] = value
    figures.begin()
    sampler = Sampler(lambda: progress.current(_RUN).done) if sample else None
    if sampler:
        sampler.start()
    summary = pipeline.run(
        input=documents,
        output=str(out),
        gemini_endpoint=endpoint,
        run_id=_RUN,
        # No peer looks for values on the pages; what that costs, `benchmarks.evidence` measures.
        **{"evidence": "off", **settings},
    )
    if summary is None:
        message = "the run did not wait for its end"
        raise RuntimeError(message)
    if sampler:
        sampler.stop()
        figures.notes |= {"cpu_by_part": sampler.cpu_seconds, "memory": sampler.memory}
    figures.before_print = None
    figures.answered, figures.lost = summary.rows, summary.failures
