"""Makes sample documents: `python -m samples --out DIR --count 1000`."""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from samples import committed, generator
from samples.plan import FORMATS

_EXAMPLES = """\
examples:
  python -m samples --out /tmp/invoices --count 200
      a mixture of all formats, languages and layouts
  python -m samples --out /tmp/load --count 20000 --formats pdf --small --jobs 2
      many small PDFs with a text layer, about a millisecond each
  python -m samples --out /tmp/rough --count 500 --broken 0.2 --seed 7
      one file in five is broken or no invoice
  python -m samples --committed
      writes samples/documents and samples/truth.jsonl anew

beside the documents stands truth.jsonl, one JSON object a line: the file, the outcome that is
expected (row, or why there is none), and the fields an extraction should find in it.
The same seed gives the same documents; document n does not depend on how many there are.
"""


def _formats(value: str) -> tuple[str, ...]:
    chosen = tuple(part.strip() for part in value.split(",") if part.strip())
    unknown = [name for name in chosen if name not in FORMATS]
    if unknown or not chosen:
        named = ", ".join(unknown) or "none"
        raise argparse.ArgumentTypeError(f"{named}; choose from {', '.join(FORMATS)}")
    return chosen


def _share(value: str) -> float:
    share = float(value)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{value} is no share; give a number from 0 to 1")
    return share


def _natural(value: str) -> int:
    number = int(value)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{value} is negative")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m samples",
        description="Make invented invoices, each one different, and the truth about them.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--out", type=Path, metavar="DIR", help="folder to write into; it is made if missing")
    add("--count", type=_natural, default=100, metavar="N", help="how many (default 100)")
    add(
        "--seed", type=int, default=0, metavar="S", help="another seed, other documents (default 0)"
    )
    add("--first", type=_natural, default=0, metavar="I", help="index of the first (default 0)")
    add(
        "--formats",
        type=_formats,
        default=FORMATS,
        metavar="LIST",
        help=f"comma-separated, from {','.join(FORMATS)} (default all); "
        "pdf has a text layer, scan is a PDF of images",
    )
    add(
        "--broken",
        type=_share,
        default=0.0,
        metavar="SHARE",
        help="share of files that are broken or no invoice, 0 to 1 (default 0)",
    )
    add("--small", action="store_true", help="few kilobytes a PDF, few lines, images at 150 dpi")
    add("--jobs", type=_natural, default=1, metavar="J", help="processes (default 1)")
    add("--committed", action="store_true", help="write the set that belongs to the repository")
    return parser


def _progress(total: int) -> Callable[[int], None]:
    """Return what keeps a line on the terminal up to date, five times a second at most."""
    last = 0.0

    def show(done: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= 0.2 or done == total:
            last = now
            print(f"\r{done:,} of {total:,} documents", end="", file=sys.stderr, flush=True)

    return show


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.committed:
        out = options.out or Path(__file__).parent
        print(f"{committed.write(out)} documents in {out / 'documents'}")
        return 0
    if options.out is None:
        parser.error("--out DIR is missing: the folder to write the documents into")
    shown = sys.stderr.isatty()
    tally = generator.write(
        options.out,
        options.count,
        seed=options.seed,
        first=options.first,
        formats=options.formats,
        broken=options.broken,
        small=options.small,
        jobs=options.jobs,
        progress=_progress(options.count) if shown else None,
    )
    if shown:
        print(file=sys.stderr)
    parts = ", ".join(f"{count:,} {name}" for name, count in tally.most_common())
    print(f"{options.count:,} documents in {options.out}, expected: {parts or 'nothing'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
