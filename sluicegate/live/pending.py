"""One result for documents of the same content: the first is worked on, the others wait for it."""

import asyncio
from collections.abc import Awaitable, Callable

from sluicegate.asking.identity import Request
from sluicegate.codes import CODES
from sluicegate.records import Answer, Result


class Pending:
    """Requests that are being worked on. Scope: one event loop."""

    def __init__(self) -> None:
        self._futures: dict[Request, asyncio.Future[Result]] = {}

    def __len__(self) -> int:
        return len(self._futures)

    async def result(
        self, request: Request, work: Callable[[], Awaitable[Result]]
    ) -> tuple[Result, bool]:
        """Return the request's result, and whether it is that of `work`, or of another document's.

        What was wrong with another's file alone is not shared.
        """
        while pending := self._futures.get(request):
            result = await asyncio.shield(pending)
            if isinstance(result, Answer) or not CODES[result.code].of_the_file:
                return result, False
            # That file could not be read; this one perhaps can.
        mine: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._futures[request] = mine
        try:
            result = await work()
        except BaseException as error:
            mine.set_exception(
                error if isinstance(error, Exception) else RuntimeError("the engine was closed")
            )
            mine.exception()  # mark it as retrieved: perhaps no other document waits for it
            raise
        else:
            mine.set_result(result)
            return result, True
        finally:
            # Before the documents that wait for it resume.
            del self._futures[request]
