"""A document worker over a client in memory, a journal on disk and virtual time."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from sluicegate.asking.journal import Journal
from sluicegate.live.document_worker import DocumentWorker
from sluicegate.records import Document
from tests.sluicegate.live.in_memory import MODEL, USAGE, Gemini, settings
from tests.sluicegate.live.virtual_time import NOW, InlineStores, clock, run
from tests.sluicegate.media import pictures

PNG = pictures.saved(pictures.page(), "PNG")
COST = MODEL.cost_usd(USAGE, NOW.date()) or Decimal(0)


def png(number: int) -> bytes:
    """Return a page that differs from all others."""
    return pictures.saved(pictures.page("L", (60 + number, 40)), "PNG")


class Rig:
    """A document worker over a client in memory and a journal on disk."""

    def __init__(self, folder: Path, client: Gemini, **changes: Any) -> None:
        self.folder, self.client, self.changes = folder, client, changes
        self.stores = InlineStores()
        self.journal = Journal(self.stores, f"{folder}/journal")
        self.worker: Any = None
        self.when_started: Callable[[], None] = lambda: None

    def process(self, *documents: Document, gap: float = 0.0) -> list[Any]:
        """Process documents at once, or one after another with a gap; return their results."""

        async def work() -> list[Any]:
            self.worker = DocumentWorker(
                settings(**self.changes), self.journal, self.client, clock(), self.stores
            )
            await self.worker.start()
            self.when_started()
            tasks = []
            for one in documents:
                tasks.append(asyncio.create_task(self.worker.process(one)))
                await asyncio.sleep(gap)
            results = await asyncio.gather(*tasks, return_exceptions=True)
            await self.worker.close()
            assert self.worker._limiter.pacer.in_flight == 0
            assert self.worker._byte_budget._held == 0
            assert not len(self.worker._pending)
            return results

        return run(work())


Make = Callable[..., Rig]
