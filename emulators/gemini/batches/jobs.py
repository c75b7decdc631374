"""All batch jobs of the stand-in: created, run on a clock, cancelled, and listed late."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from emulators.gemini import refusals
from emulators.gemini.batches.job import (
    CANCELLED,
    EXPIRED,
    FAILED,
    PARTIAL,
    RUNNING,
    SUCCEEDED,
    BatchJob,
    LostReply,
    Row,
)
from emulators.gemini.batches.rules import CREATION, FAULTS, BatchPlan
from emulators.gemini.behaviour import Behaviour
from emulators.gemini.refusals import Refused, Reply

# Answers a row: model, request body. Its reply is what a call would get.
Answer = Callable[[str, dict[str, Any]], Awaitable[Reply]]


class Writes(Protocol):
    """Writes a job's results, and says where they are."""

    async def __call__(self, job: BatchJob) -> str:
        """Write them; return where."""
        ...


class Jobs:
    """Jobs of one service; used by one event loop."""

    def __init__(self, behaviour: Behaviour, *, keeps_partial: bool) -> None:
        self._all: dict[str, BatchJob] = {}
        self._keeps_partial = keeps_partial
        self.behave(behaviour)

    def behave(self, behaviour: Behaviour) -> None:
        """Behave so from now on: for jobs that are created, and for lists."""
        self._behaviour = behaviour
        self._plan = BatchPlan(behaviour.batch_faults)

    def admit(self, project: str, *, says_full: str, says_bad: str) -> dict[str, float]:
        """Return what goes wrong with a creation that makes a job; raise `Refused` for another.

        What a service says of too many jobs, and of an input, is its own.
        """
        faults = self._plan.draw(CREATION)
        if "too_many" in faults or self._is_full(project):
            raise Refused(refusals.error(429, "RESOURCE_EXHAUSTED", says_full))
        if "no_job_503" in faults:
            raise Refused(refusals.server_error(503))
        if "refused_400" in faults:
            raise Refused(refusals.invalid(says_bad))
        return faults

    def create(
        self, job: BatchJob, faults: dict[str, float], answer: Answer, write: Writes
    ) -> None:
        """Take a job in and run it; raise `LostReply`, by the faults of its creation."""
        job.faults = {**job.faults, **self._plan.draw(FAULTS - CREATION)}
        self._all[job.name] = job
        job.task = asyncio.get_running_loop().create_task(
            self._run(job, answer, write, self._behaviour)
        )
        if "reply_lost" in faults:
            raise LostReply

    def get(self, name: str, project: str) -> BatchJob | None:
        """Return a job, if the project may see it."""
        job = self._all.get(name)
        return job if job and job.project == project else None

    def listed(self, project: str) -> list[BatchJob]:
        """Return the jobs that a list shows by now, the newest first."""
        seen_until = time.time() - self._behaviour.batch_list_lag
        found = [
            job
            for job in self._all.values()
            if job.project == project and job.created <= seen_until
        ]
        return sorted(found, key=lambda job: job.created, reverse=True)

    def everything(self) -> list[dict[str, Any]]:
        """Return all jobs as JSON-ready values, in the order of their creation."""
        return [
            {
                "name": job.name,
                "display_name": job.display_name,
                "state": job.state,
                "rows": len(job.rows),
                "answered": job.succeeded,
                "failed": job.failed,
                "keys": [row.key for row in job.rows],
                "answered_keys": [row.key for row in job.rows if row.response is not None],
            }
            for job in self._all.values()
        ]

    def hurry(self) -> None:
        """Let no more time pass for the jobs there are."""
        for job in self._all.values():
            job.hurrying.set()

    async def ended(self) -> None:
        """Wait until every job has ended that is not stuck."""
        for job in list(self._all.values()):
            stuck = "stuck" in job.faults and not job.cancelling.is_set()
            if job.task and not stuck:
                await asyncio.wait([job.task])

    def close(self) -> None:
        """Let jobs that are running go."""
        for job in self._all.values():
            if job.task:
                job.task.cancel()

    def _is_full(self, project: str) -> bool:
        """Whether a project has as many open jobs as it may."""
        open_jobs = sum(job.project == project and not job.has_ended for job in self._all.values())
        most = self._behaviour.batch_max_open
        return most is not None and open_jobs >= most

    async def _run(
        self, job: BatchJob, answer: Answer, write: Writes, behaviour: Behaviour
    ) -> None:
        if await self._cancelled_within(job, behaviour.batch_pending):
            return await self._end_cancelled(job, write)
        if "stuck" in job.faults:
            await job.cancelling.wait()
            return await self._end_cancelled(job, write)
        if "failed" in job.faults:
            return job.end(FAILED, (3, "The job failed before any request was made."))
        job.state = RUNNING
        cut_short = {"expired", "cancelled", "partial"} & set(job.faults)
        rows = job.rows if not cut_short else job.rows[: len(job.rows) // 2]
        for row in rows:
            await self._answer(job, row, answer)
            if job.cancelling.is_set() and "finishes_when_cancelled" not in job.faults:
                return await self._end_cancelled(job, write)
        if await self._cancelled_within(job, behaviour.batch_running):
            return await self._end_cancelled(job, write)
        end = EXPIRED if "expired" in job.faults else CANCELLED if "cancelled" in job.faults else (
            PARTIAL if "partial" in job.faults else SUCCEEDED
        )  # fmt: skip
        if end in {SUCCEEDED, PARTIAL} or self._keeps_partial:
            job.output = await write(job)
        return job.end(end, (1, "The job was cancelled.") if end == CANCELLED else None)

    async def _cancelled_within(self, job: BatchJob, seconds: float) -> bool:
        """Let time pass; tell whether the job was cancelled meanwhile, and heeds that."""
        waits = [asyncio.ensure_future(each.wait()) for each in (job.cancelling, job.hurrying)]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
        return job.cancelling.is_set() and "finishes_when_cancelled" not in job.faults

    async def _end_cancelled(self, job: BatchJob, write: Writes) -> None:
        if self._keeps_partial and job.succeeded:
            job.output = await write(job)
        job.end(CANCELLED, (1 if self._keeps_partial else 13, "The job was cancelled."))

    async def _answer(self, job: BatchJob, row: Row, answer: Answer) -> None:
        if "all_failed" in job.faults or job.hit("failed_rows", row):
            row.error = {"code": 9, "message": "The request could not be processed now."}
            await asyncio.sleep(0)
            return
        reply = await answer(job.model, row.request)
        body = _json(reply)
        if reply.status == 200:
            row.response = body
        else:
            error = body.get("error") or {}
            row.error = {"code": reply.status, "message": str(error.get("message") or "")}


def _json(reply: Reply) -> dict[str, Any]:
    try:
        found = json.loads(reply.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
