"""The google-genai client alone, used well: what a call costs without a pipeline."""

import asyncio
from pathlib import Path

import aiohttp
from google.genai import types

from benchmarks.peers.figures import Figures
from benchmarks.peers.request import MODEL, config, connect
from sluicegate.document_types.invoice import INVOICE

_PDF = "application/pdf"


def extract(
    documents: list[str], figures: Figures, *, endpoint: str, key: str, in_flight: int = 64
) -> None:
    """Send every document, a path or a ``gs://`` URI, and throw the answers away."""
    prompt = types.Part(text=INVOICE.prompt)

    async def everything() -> None:
        session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        by_reference = documents[0].startswith("gs://")
        client = connect(endpoint, key, vertex=by_reference, aiohttp_client=session).aio
        waiting = iter(documents)

        async def work() -> None:
            for document in waiting:
                contents = types.Content(role="user", parts=[prompt, _part(document)])
                answer = await client.models.generate_content(
                    model=MODEL, contents=contents, config=config()
                )
                figures.count(answered=bool(answer.text), lost=not answer.text)

        figures.begin()
        await asyncio.gather(*(work() for _ in range(in_flight)))
        await client.aclose()
        await session.close()

    asyncio.run(everything())


def _part(document: str) -> types.Part:
    if document.startswith("gs://"):
        return types.Part(file_data=types.FileData(file_uri=document, mime_type=_PDF))
    data = Path(document).read_bytes()
    return types.Part(inline_data=types.Blob(data=data, mime_type=_PDF))
