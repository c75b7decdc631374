"""A graph to its end, on whichever runner: what compare, evaluate and correct have in common."""

from collections.abc import Callable

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions, SetupOptions
from apache_beam.runners.runner import PipelineState

from pipeline.launch import run_failed
from pipeline.run_failed import RunFailed
from pipeline.runners import make_runner


def run_graph(options: PipelineOptions, build: Callable[[beam.Pipeline], object]) -> bool:
    """Run a graph; return whether it has ended, False where the runner does not wait for that.

    Raises RunFailed where it failed.
    """
    options.view_as(SetupOptions).save_main_session = False
    runner = make_runner(options)
    try:
        pipeline = beam.Pipeline(runner, options=options)
        build(pipeline)
        state = pipeline.run().wait_until_finish()
    except Exception as error:
        if "KeyboardInterrupt" in str(error):  # Beam wraps the one that hits a bundle
            raise KeyboardInterrupt from error
        raise run_failed(error) from error
    if state is None or not PipelineState.is_terminal(state):
        return False
    if state != PipelineState.DONE:
        raise RunFailed(f"the job ended in state {state}; see the runner's log")
    return True
