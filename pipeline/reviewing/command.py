"""The command review: flags in, a folder or a served page out, an exit code."""

import webbrowser
from pathlib import Path
from typing import Any

from apache_beam.options.pipeline_options import GoogleCloudOptions, PipelineOptions
from rich.console import Console
from rich.progress import Progress

from pipeline.command import say
from pipeline.exit_codes import DONE, FAILED
from pipeline.flags.review import ReviewFlags
from pipeline.reviewing.decision_log import DecisionLog
from pipeline.reviewing.folder import write_folder
from pipeline.reviewing.reading import Selection, select
from pipeline.reviewing.server import Review, ReviewServer
from pipeline.reviewing.settings import ReviewSettings, read_review_settings
from pipeline.run_command import run_command
from pipeline.run_failed import RunFailed
from sluicegate.faults import JobFault, UsageFault, one_line
from sluicegate.storage import StoreError


def review(arguments: list[str], prog: str = "") -> int:  # noqa: ARG001 - as of every command
    """Run the command; return an exit code as its `--help` says."""

    def run(given: dict[str, Any], options: PipelineOptions, console: Console) -> int:
        project = str(options.view_as(GoogleCloudOptions).project or "")
        try:
            settings = read_review_settings(given, project=project)
            selection = select(settings)
            if not selection.subjects:
                nothing = "there is nothing to review: no rows, and no answer failed"
                return say(console, nothing, DONE)
            return (_serve if settings.serve else _write)(selection, console)
        except (JobFault, StoreError) as fault:
            raise RunFailed(one_line(fault)) from fault

    return run_command(ReviewFlags, arguments, run)


def _write(selection: Selection, console: Console) -> int:
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("drawing pages", total=len(selection.subjects))
        place = write_folder(selection, lambda: progress.advance(task))
    say(console, f"{_counted(selection)}; open {place} in a browser", DONE)
    if selection.settings.open:
        webbrowser.open(Path(place).resolve().as_uri())
    return DONE


def _serve(selection: Selection, console: Console) -> int:
    settings = selection.settings
    log = DecisionLog(Path(settings.output))
    try:
        server = _listen(Review(selection, log), settings)
        known = f"; {len(log.decisions):,} are decided" if log.decisions else ""
        say(console, f"{_counted(selection)}{known}; Ctrl-C ends it", DONE)
        say(console, f"open {server.address}", DONE)
        if settings.open:
            webbrowser.open(server.address)
        try:
            server.serve()
        except KeyboardInterrupt:
            pass
        finally:
            server.close()
        if log.decisions:
            say(console, f"the corrections are in {log.save()}", DONE)
    except OSError as error:
        return say(console, f"failed: {one_line(error)}", FAILED)
    finally:
        log.close()
    return DONE


def _listen(review: Review, settings: ReviewSettings) -> ReviewServer:
    try:
        return ReviewServer.at(Path(settings.output), review, settings.port)
    except OSError as error:
        raise UsageFault(f"--port {settings.port} cannot be used: {one_line(error)}") from error


def _counted(selection: Selection) -> str:
    chosen = selection.chosen
    worst, random = len(chosen.worst), len(chosen.random)
    return (
        f"{worst:,} documents worst first and {random:,} random ones, of {chosen.documents:,} "
        f"({chosen.doubtful:,} with something to doubt)"
    )
