"""What the journal says of a run and its question: begun, answered. Shared by all its processes."""

from sluicegate.asking.identity import Question
from sluicegate.asking.journal import Journal
from sluicegate.codes import CODES
from sluicegate.faults import JobFault
from sluicegate.live.patience import Patience


class Marks:
    """Marks in the journal, each written once by this process. Scope: one event loop, one job."""

    def __init__(self, journal: Journal, question: Question, patience: Patience) -> None:
        self._journal = journal
        self._question = question
        self._patience = patience
        self._question_marked = False
        self._run_marked = False

    async def begin(self) -> bool:
        """Try the journal; return whether an earlier run has had answers to the question.

        Raises JobFault when the journal cannot be written.
        """
        await self._patience(self._journal.begin)
        self._question_marked = await self._journal.was_answered(self._question)
        return self._question_marked

    async def answered_in_run(self) -> None:
        """Record that this run has an answer: there is something to land."""
        if not self._run_marked:
            self._run_marked = True
            await self._patience(self._journal.mark_answered_in_run)

    async def answered_question(self) -> None:
        """Record for later runs that the question is answered."""
        if not self._question_marked:
            self._question_marked = True
            await self._patience(self._journal.mark_answered, self._question)

    async def lets_land(self, fault: JobFault) -> bool:
        """Return whether a fault ends the calls alone, and this run has something to land.

        Another process may have had an answer, or another model. A ceiling that is reached says
        nothing against the answers to come: documents wait for the next run without one, too.
        """
        if not CODES[fault.code].ends_calls or CODES[fault.code].as_told:
            return CODES[fault.code].as_told
        if not self._run_marked:
            self._run_marked = await self._journal.was_answered_in_run()
        return self._run_marked
