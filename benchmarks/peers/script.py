"""The script that tutorials show: a semaphore over threads, each with the synchronous client."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from google.genai import types

from benchmarks.peers.figures import Figures
from benchmarks.peers.request import MODEL, config, connect, contents


def extract(
    paths: list[Path],
    figures: Figures,
    *,
    endpoint: str,
    key: str,
    concurrency: int = 10,
    retries: bool = False,
) -> None:
    """Extract the documents; ``retries`` turns on the SDK's own, as it comes: five attempts."""
    retrying = types.HttpRetryOptions() if retries else None
    client = connect(endpoint, key, retry_options=retrying)
    figures.begin()

    def call(path: Path) -> str | None:
        answer = client.models.generate_content(
            model=MODEL, contents=contents(path), config=config()
        )
        return answer.text

    async def everything() -> None:
        gate = asyncio.Semaphore(concurrency)
        loop = asyncio.get_running_loop()

        async def one(path: Path) -> None:
            async with gate:
                try:
                    text = await loop.run_in_executor(pool, call, path)
                except Exception:  # noqa: BLE001 - as such a script does: the next one, please
                    figures.count(lost=1)
                else:
                    figures.count(answered=bool(text), lost=not text)

        await asyncio.gather(*map(one, paths))

    with ThreadPoolExecutor(concurrency) as pool:
        asyncio.run(everything())
