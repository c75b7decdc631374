"""A settler over a client in memory, a journal on disk and virtual time."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.core.flow.in_memory import MODEL, USAGE, Gemini, settings
from tests.core.flow.virtual_time import NOW, InlineStores, ambient, run
from tests.core.media import pictures
from transforms.core.flow.settler import Settler
from transforms.core.journal import Journal
from transforms.core.records import Document

PNG = pictures.saved(pictures.page(), "PNG")
COST = MODEL.cost_usd(USAGE, NOW.date()) or Decimal(0)


def png(number: int) -> bytes:
    """Return a page that differs from all others."""
    return pictures.saved(pictures.page("L", (60 + number, 40)), "PNG")


class Rig:
    """A settler over a client in memory and a journal on disk."""

    def __init__(self, folder: Path, client: Gemini, **changes: Any) -> None:
        self.folder, self.client, self.changes = folder, client, changes
        self.stores = InlineStores()
        self.journal = Journal(self.stores, f"{folder}/journal")
        self.settler: Any = None

    def settle(self, *documents: Document, gap: float = 0.0) -> list[Any]:
        """Settle documents at once, or one after another with a gap; return their outcomes."""

        async def work() -> list[Any]:
            self.settler = Settler(
                settings(**self.changes), self.journal, self.client, ambient(), self.stores
            )
            await self.settler.begin()
            tasks = []
            for one in documents:
                tasks.append(asyncio.create_task(self.settler.settle(one)))
                await asyncio.sleep(gap)
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            await self.settler.close()
            assert self.settler._gate.pacer.in_flight == 0
            assert self.settler._bytes._held == 0
            assert self.settler._pending == {}
            return outcomes

        return run(work())


Make = Callable[..., Rig]
