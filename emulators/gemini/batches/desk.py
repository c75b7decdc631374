"""Where batch requests come in, of both services."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from emulators.gemini.batches.developer import DeveloperBatches
from emulators.gemini.batches.jobs import Jobs
from emulators.gemini.batches.vertex import VertexBatches
from emulators.gemini.behaviour import Behaviour
from emulators.gemini.objects import Objects
from emulators.gemini.paths import Call
from emulators.gemini.refusals import Reply

# Answers a row of a job as a call would be: its call, its request body.
AnswerRow = Callable[[Call, dict[str, Any]], Awaitable[Reply]]


class BatchDesk:
    """Batch jobs of both services; used by one event loop."""

    def __init__(self, behaviour: Behaviour, answer: AnswerRow, objects: Objects) -> None:
        self._answer = answer
        self._jobs = (Jobs(behaviour, keeps_partial=False), Jobs(behaviour, keeps_partial=True))
        self.developer = DeveloperBatches(self._jobs[0], partial(self._row, vertex=False))
        self.vertex = VertexBatches(self._jobs[1], partial(self._row, vertex=True), objects)

    def behave(self, behaviour: Behaviour) -> None:
        """Behave so from now on."""
        for jobs in self._jobs:
            jobs.behave(behaviour)

    async def handle(
        self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes, key: str
    ) -> Reply | None:
        """Answer a request, or return None for a path that has nothing to do with batches.

        Raises `Refused`, and `LostReply` where the reply is to be lost.
        """
        return await self.developer.handle(
            method, path, query, headers, body, key
        ) or await self.vertex.handle(method, path, query, body)

    def everything(self) -> list[dict[str, Any]]:
        """Return the jobs of both services as JSON-ready values."""
        return [job for jobs in self._jobs for job in jobs.everything()]

    def hurry(self) -> None:
        """Let no more time pass for the jobs there are."""
        for jobs in self._jobs:
            jobs.hurry()

    async def ended(self) -> None:
        """Wait until every job has ended that is not stuck."""
        for jobs in self._jobs:
            await jobs.ended()

    def close(self) -> None:
        """Let jobs that are running go."""
        for jobs in self._jobs:
            jobs.close()

    async def _row(self, model: str, content: dict[str, Any], *, vertex: bool) -> Reply:
        return await self._answer(Call(vertex, "v1", model, "generateContent"), content)
