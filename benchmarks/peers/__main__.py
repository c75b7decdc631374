"""Run one peer in this process and print its figures as one JSON line."""

import argparse
import logging
import sys
from pathlib import Path

from benchmarks.documents import document_name
from benchmarks.peers.figures import Figures
from emulators.process import die_with_parent

NAMES = ("sluicegate", "script", "runinference", "client")


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.peers",
        description=(__doc__ or "").splitlines()[0],
        epilog="What follows -- is handed to python -m pipeline.",
    )
    add = parser.add_argument
    add("peer", choices=NAMES)
    add("--documents", required=True, metavar="FOLDER", help="a local folder, or a gs:// one")
    add(
        "--count", type=int, help="how many documents a gs:// folder has, as benchmarks writes them"
    )
    add("--endpoint", required=True, metavar="URL")
    add("--key", required=True, help="API key; its part before the first dot is the project")
    add("--seconds", type=float, default=600.0, help="stop after so long (default: 600)")
    add("--wait", action="store_true", help="when ready, say so and wait for a line of input")
    add("--concurrency", type=int, default=10, help="calls at a time of the script")
    add("--retries", action="store_true", help="the script uses the SDK's retries")
    add("--threads", type=int, default=16, help="worker threads of RunInference")
    add("--batch-size", type=int, default=1, help="batch size of RunInference")
    add("--in-flight", type=int, default=64, help="calls at a time of the client alone")
    add("--sample", action="store_true", help="note Sluicegate's CPU by part, and its memory")
    add("--out", type=Path, metavar="FOLDER", help="where Sluicegate writes")
    # By hand, because argparse takes what follows -- for arguments of its own.
    given, flags = _split(sys.argv[1:])
    options = parser.parse_args(given)
    die_with_parent()
    if options.documents.startswith("gs://"):
        documents = [f"{options.documents}/{document_name(n)}" for n in range(options.count)]
    else:
        documents = sorted(map(str, Path(options.documents).iterdir()))
    paths = list(map(Path, documents))
    figures = Figures(len(documents), options.seconds, wait=options.wait)
    reach = {"endpoint": options.endpoint, "key": options.key}
    # The imports belong to each peer's own start.
    match options.peer:
        case "script":
            from benchmarks.peers import script  # noqa: PLC0415

            script.extract(
                paths, figures, concurrency=options.concurrency, retries=options.retries, **reach
            )
        case "runinference":
            from benchmarks.peers import run_inference  # noqa: PLC0415

            logging.getLogger().setLevel(logging.CRITICAL)
            run_inference.extract(
                paths, figures, threads=options.threads, batch_size=options.batch_size, **reach
            )
        case "sluicegate":
            from benchmarks.peers import sluicegate  # noqa: PLC0415

            if options.out is None:
                parser.error("sluicegate needs --out")
            sluicegate.extract(
                f"{options.documents}/*",
                figures,
                out=options.out,
                flags=flags,
                sample=options.sample,
                **reach,
            )
        case "client":
            from benchmarks.peers import client  # noqa: PLC0415

            client.extract(documents, figures, in_flight=options.in_flight, **reach)
    figures.print()


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """Part words at the first ``--``."""
    place = words.index("--") if "--" in words else len(words)
    return words[:place], words[place + 1 :]


if __name__ == "__main__":
    main()
