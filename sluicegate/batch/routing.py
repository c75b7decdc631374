"""Which way a document gets its answer: a batch job that is open, one to come, or calls. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sluicegate.asking.dialogue import Ask, Decision
from sluicegate.asking.journal import Entry

# call   the journal has the answer, or a call is to bring it
# wait   it is asked for in a job that is open
# plan   it goes into a new job
Route = Literal["call", "wait", "plan"]


@dataclass(frozen=True, slots=True)
class Routing:
    """What decides, besides the document's own history."""

    max_output_tokens: int  # of a first request
    leftovers: str = "standard"  # how they are asked about: calls of that tier, or "batch"

    def of(self, decision: Decision, entry: Entry, is_member: Callable[[], bool]) -> Route:
        """Return the way of a document whose history is `entry` and whose next step `decision`.

        What was asked for once goes on by calls: a job takes a day to say the same again. So does
        what needs more output tokens than the others, whatever is said of leftovers.
        """
        if not isinstance(decision, Ask):
            return "call"
        if is_member():
            return "wait"
        if decision.max_output_tokens != self.max_output_tokens:
            return "call"
        is_left_over = bool(entry.responses) or entry.left_by_batch
        return "call" if is_left_over and self.leftovers != "batch" else "plan"
