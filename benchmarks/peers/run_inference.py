"""Beam's own way: RunInference with GeminiModelHandler on the DirectRunner's threads."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import apache_beam as beam
from apache_beam.ml.inference.base import PredictionResult, RunInference
from apache_beam.ml.inference.gemini_inference import GeminiModelHandler
from apache_beam.options.pipeline_options import PipelineOptions
from google import genai

from benchmarks.peers.figures import Figures
from benchmarks.peers.request import MODEL, config, contents

# The figures of the run in this process: a DoFn on another thread cannot be handed them.
_RUNNING: list[Figures] = []


def extract(
    paths: list[Path],
    figures: Figures,
    *,
    endpoint: str,
    key: str,
    threads: int = 16,
    batch_size: int = 1,
) -> None:
    """Extract the documents; what fails goes to the dead letters and not down with the job."""
    os.environ["GOOGLE_GEMINI_BASE_URL"] = endpoint
    handler = GeminiModelHandler(
        MODEL, ask, api_key=key, min_batch_size=batch_size, max_batch_size=batch_size
    )
    options = PipelineOptions(
        [
            "--runner=apache_beam.runners.portability.fn_api_runner.FnApiRunner",
            "--direct_running_mode=multi_threading",
            f"--direct_num_workers={threads}",
        ]
    )
    figures.notes["mixed"] = 0
    _RUNNING[:] = [figures]
    figures.begin()
    with beam.Pipeline(options=options) as pipeline:
        answers, failed = (
            pipeline
            | beam.Create([str(path) for path in paths], reshuffle=True)
            | RunInference(handler).with_exception_handling()
        )
        _ = answers | beam.ParDo(_Count())  # type: ignore[no-untyped-call]
        _ = failed.failed_inferences | "Count failed" >> beam.ParDo(
            _CountFailed()  # type: ignore[no-untyped-call]
        )
    # Inputs that came out nowhere.
    figures.lost = figures.documents - figures.answered


def ask(model: str, batch: Sequence[str], client: genai.Client, _: dict[str, Any]) -> Any:
    """Send a batch the way the handler wants it: as one request."""
    if len(batch) > 1 and _RUNNING:
        _RUNNING[0].notes["mixed"] += 1
    return client.models.generate_content(
        model=model, contents=contents(*map(Path, batch)), config=config()
    )


class _Count(beam.DoFn):
    def process(self, result: PredictionResult) -> Iterable[str]:
        answer: Any = result.inference
        text = answer.text
        _RUNNING[0].count(answered=bool(text), lost=not text)
        return ()


class _CountFailed(beam.DoFn):
    def process(self, failed: tuple[Any, Any]) -> Iterable[str]:
        batch = failed[0]
        _RUNNING[0].count(lost=len(batch) if isinstance(batch, list | tuple) else 1)
        return ()
