"""Fuzz whatever parses bytes and answers: no exception escapes, no hang, no memory beyond the cap.

    make fuzz                                       15,000 cases of each target, some minutes
    make fuzz FUZZ_ARGS='--cases 1000000 --target answer'

Each target runs in a process of its own under Atheris, a coverage-guided fuzzer, which begins from
good inputs and keeps those mutations that reach new code. What breaks one is kept in
out/fuzz/TARGET and named; give it to the target again with

    PYTHONPATH=tests:. .venv/bin/python -m fuzz.guided TARGET out/fuzz/TARGET/crash-...
"""

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from fuzz.targets import TARGETS, seeds

_ROOT = Path(__file__).parents[2]
# What one document may take: a page of 180 million pixels, decoded twice.
MEMORY_MEGABYTES = 2048
SECONDS = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the targets; return 1 if one of them broke."""
    options = _parser().parse_args(arguments)
    total, broken = 0, []
    print(f"{'target':14}{'cases':>10}{'seconds':>10}{'branches':>10}  memory", flush=True)
    for name in options.target or TARGETS:
        folder = options.out / name
        begun = time.monotonic()
        code, said = fuzz(name, folder, options.cases, options.seed)
        cases = _last(r"#(\d+)", said)
        total += cases
        seconds = time.monotonic() - begun
        reached, memory = _last(r"cov: (\d+)", said), _last(r"rss: (\d+)Mb", said)
        print(f"{name:14}{cases:10,}{seconds:10.0f}{reached:10,}  {memory} MB", flush=True)
        if code:
            broken.append(name)
            print(said[-3000:], file=sys.stderr)
    print(f"{total:,} cases; broken: {', '.join(broken) or 'none'}")
    return 1 if broken else 0


def fuzz(name: str, folder: Path, cases: int, seed: int) -> tuple[int, str]:
    """Run one target; return the exit code and what was said."""
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(seeds(name)):
        (corpus / f"seed-{number}").write_bytes(data)
    command = [sys.executable, "-m", "fuzz.guided", name, str(corpus), f"-runs={cases}"]
    command += [f"-seed={seed}", f"-timeout={SECONDS}", f"-rss_limit_mb={MEMORY_MEGABYTES}"]
    command += ["-max_len=65536", "-verbosity=1", f"-artifact_prefix={folder}/"]
    done = subprocess.run(
        command,
        cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": f"{_ROOT / 'tests'}{os.pathsep}{_ROOT}"},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def _last(pattern: str, text: str) -> int:
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--cases", type=int, default=15_000, help="of each target (default: 15,000)")
    add("--target", action="append", choices=list(TARGETS), help="only this one; repeatable")
    add("--seed", type=int, default=1, help="of the mutations (default: 1)")
    add("--out", type=Path, default=_ROOT / "out" / "fuzz", help="where inputs are kept")
    return parser


if __name__ == "__main__":
    sys.exit(main())
