"""What one process of the whole pipeline does, beside the bare client, in one run.

    make bench                      2,000 documents
    make bench BENCH_ARGS='--documents 20000'

Both send the same documents to the same stand-in (answers at once, its own process): first the
google-genai client alone, async, 64 calls in flight, nothing else; then the whole pipeline on the
DirectRunner: matching, reading, checking, pacing, journal, validation, Avro, failures, ledger.
The ratio of the two is what everything around the call costs. Machines differ: compare ratios.
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from emulators.loopback import HOST, free_port
from emulators.process import start_server
from samples.generator import write

_MODEL = "gemini-3.1-flash-lite"
_IN_FLIGHT = 64
_REPOSITORY = Path(__file__).parents[1]


def main() -> None:
    """Run the benchmark, or with --only one side of it in this process."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--only", choices=["client", "pipeline"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--endpoint", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        sides = {"client": bare_client, "pipeline": whole_pipeline}
        measure(sides[options.only], options.folder, options.endpoint)
        return
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory(prefix="sluicegate-bench-") as folder:
        documents = Path(folder) / "in"
        write(documents, options.documents, formats=("pdf",), small=True)
        (documents / "truth.jsonl").unlink()
        port = free_port()
        server = start_server(
            "the Gemini stand-in",
            [sys.executable, "-m", "emulators.gemini", "--port", str(port), "--reader", "canned"],
            port=port,
            log=Path(folder) / "gemini.log",
            ready="/_control/stats",
            environment={"PYTHONPATH": str(_REPOSITORY)},
        )
        try:
            results = {
                side: _run_side(side, options.documents, Path(folder), f"http://{HOST}:{port}")
                for side in ("client", "pipeline")
            }
        finally:
            server.stop()
    console.print(_table(results, options.documents))


def _run_side(side: str, count: int, folder: Path, endpoint: str) -> dict[str, float]:
    """Run one side in a process of its own, so that its memory and CPU are its own."""
    done = subprocess.run(
        [
            sys.executable, "-m", "benchmarks.whole_pipeline", "--only", side,
            "--folder", str(folder), "--endpoint", endpoint, "--documents", str(count),
        ],
        cwd=_REPOSITORY, env={**os.environ, "GEMINI_API_KEY": "local"}, check=True,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return dict(json.loads(done.stdout.splitlines()[-1]))


def measure(work: Any, folder: Path, endpoint: str) -> None:
    """Run one side and print its figures: wall and CPU seconds, peak memory in MiB."""
    before = time.process_time()
    started = time.monotonic()
    work(folder, endpoint)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "wall": time.monotonic() - started,
                "cpu": time.process_time() - before,
                "memory": usage.ru_maxrss / 1024,
            }
        )
    )


def bare_client(folder: Path, endpoint: str) -> None:
    """Send every document with the SDK and throw the answer away."""
    from google import genai  # noqa: PLC0415 - the other side must not pay for it
    from google.genai import types  # noqa: PLC0415

    from transforms.core.types.gemini_schema import gemini_schema  # noqa: PLC0415
    from transforms.core.types.invoice import INVOICE  # noqa: PLC0415

    client = genai.Client(api_key="local", http_options={"base_url": endpoint}).aio
    config = types.GenerateContentConfig(
        response_mime_type="application/json",
        response_schema=types.Schema.model_validate(gemini_schema(INVOICE.fields)),
    )
    gate = asyncio.Semaphore(_IN_FLIGHT)

    async def one(path: Path) -> None:
        async with gate:
            part = types.Part.from_bytes(data=read(path), mime_type="application/pdf")
            await client.models.generate_content(
                model=_MODEL, contents=[INVOICE.prompt, part], config=config
            )

    def read(path: Path) -> bytes:
        return path.read_bytes()

    async def everything(paths: list[Path]) -> None:
        await asyncio.gather(*map(one, paths))
        await client.aclose()

    asyncio.run(everything(sorted((folder / "in").iterdir())))


def whole_pipeline(folder: Path, endpoint: str) -> None:
    """Run the job."""
    import pipeline  # noqa: PLC0415 - the other side must not pay for it

    summary = pipeline.run(
        input=str(folder / "in/*"),
        output=str(folder / "out"),
        gemini_endpoint=endpoint,
        max_in_flight=_IN_FLIGHT,
    )
    if summary is None or summary.rows != len(list((folder / "in").iterdir())):
        sys.exit(f"the run is no measurement: {summary}")


def _table(results: dict[str, dict[str, float]], count: int) -> Table:
    table = Table(title=f"{count:,} small documents, one process", title_justify="left", box=None)
    for name in ("", "documents/s", "CPU ms/document", "peak MiB"):
        table.add_column(name, justify="right" if name else "left")
    names = {"client": "google-genai alone", "pipeline": "the whole pipeline"}
    for side, found in results.items():
        table.add_row(
            names[side],
            f"{count / found['wall']:,.0f}",
            f"{1000 * found['cpu'] / count:.2f}",
            f"{found['memory']:,.0f}",
        )
    client, pipeline = results["client"], results["pipeline"]
    table.add_row(
        "ratio",
        f"{client['wall'] / pipeline['wall']:.2f}",
        f"{pipeline['cpu'] / client['cpu']:.2f}",
        f"{pipeline['memory'] / client['memory']:.2f}",
    )
    return table


if __name__ == "__main__":
    main()
