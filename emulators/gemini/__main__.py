"""The Gemini stand-in as a process of its own."""

import argparse
import asyncio
import multiprocessing
import signal
import sys
from collections.abc import Sequence

from emulators.gemini.behaviour import add_flags, from_flags
from emulators.gemini.endpoint import serve
from emulators.gemini.faults import FAULTS
from emulators.gemini.objects import Objects
from emulators.gemini.reading import DocumentReader, process_pool
from emulators.gemini.service import Service
from emulators.loopback import HOST

DESCRIPTION = """\
A stand-in for Gemini over HTTP on the loopback, to run and to test with: google-genai talks to it
through HttpOptions(base_url=…). It really reads the documents (text layers and OCR), keeps quotas,
and fails on demand. It is not a model and not a part of the product."""
EPILOG = """\
at run time:
  GET  /_control/stats              counts (add ?documents for those of each document)
  GET  /_control/requests?limit=N   the last requests
  GET  /_control/jobs               batch jobs, with the keys of their rows
  GET  /_control/timeline           calls by project, caller and tenth of a second; quotas
  POST /_control/behaviour          a JSON object of settings to change; GET shows them
  POST /_control/reset              forget counts and requests

faults:
  a name, then conditions that must all hold: share=0.05 (of the documents, by a hash), chance=0.05
  (of the calls, retries too, by a hash; a 429 so chosen uses nothing of a quota), wave=60 (not in
  the first span of so many seconds since the project's first call, in the second, not in the
  third, and so on), spares=PROJECT (never that API key, up to its first dot), match=TEXT (part of
  the file URI, or start of the sha256 of inline bytes), next=N (calls), times=N (a document); and
  parameters: after=, seconds=, message=, retry_delay=, retry_after=, retry_after_form=,
  block_reason=.
  Names: """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        behaviour = from_flags(options)
    except ValueError as error:
        parser.error(str(error))
    reader = None
    if options.reader == "documents":
        reader = DocumentReader(lambda: process_pool(options.reader_processes))

    def announce(_: Service, port: int) -> None:
        print(f"http://{HOST}:{port}", flush=True)

    async def run() -> None:
        stopped = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        objects = Objects(options.gcs_host)
        await serve(
            behaviour, reader, objects, port=options.port, announce=announce, until=stopped.wait()
        )

    try:
        asyncio.run(run())
    except OSError as error:
        print(f"error: cannot serve on {HOST}:{options.port}: {error}", file=sys.stderr)
        return 1
    finally:
        # Those that still read would hold up the exit for as long as their document takes.
        for child in multiprocessing.active_children():
            child.terminate()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m emulators.gemini",
        description=DESCRIPTION,
        epilog=EPILOG + ", ".join(sorted(FAULTS)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--port", type=int, default=0, metavar="N", help="port of 127.0.0.1 (default: a free one)")
    add(
        "--reader",
        choices=["documents", "canned"],
        default="documents",
        help="read documents, or answer from the schema alone and fast (default: documents)",
    )
    add(
        "--reader-processes",
        type=int,
        default=1,
        metavar="N",
        help="processes that read; OCR takes 1 GB in each (default: 1)",
    )
    add(
        "--gcs-host",
        metavar="URL",
        help="where gs:// URIs are read (default: STORAGE_EMULATOR_HOST)",
    )
    add_flags(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
