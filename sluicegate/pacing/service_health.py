"""Whether the service answers: the share of the last calls, and for how long it only rejects."""

# The share is over about so many calls.
_CALLS = 20.0
# A service that answers less than this share of its calls is not well: retries are held back.
_WELL = 0.3
# So many documents must have been rejected before it is the quota's and not theirs: one that is
# larger than a quota of tokens is always rejected.
_DOCUMENTS = 8


class ServiceHealth:
    """What the last calls say about the service. Times are seconds of any monotonic clock."""

    def __init__(self) -> None:
        self._answered_share = 0.0
        self.answers = 0
        # Apart: a tier may be without capacity for hours, and then a quota is used up for a minute.
        self.by_quota, self.by_capacity = Silence(), Silence()

    @property
    def is_well(self) -> bool:
        """Whether at least three of ten of the last calls were answered."""
        return self._answered_share >= _WELL

    def answered(self) -> None:
        """Count a reply of a service that is at work, a refusal included."""
        self._answered_share += (1.0 - self._answered_share) / _CALLS
        self.answers += 1
        self.by_quota = Silence(after_answers=True)
        self.by_capacity = Silence(after_answers=True)

    def not_answered(self) -> None:
        """Count a rejection, an overload, a 5xx, a timeout or a broken connection."""
        self._answered_share -= self._answered_share / _CALLS


class Silence:
    """For how long nothing but rejections of one kind came. Times as above."""

    def __init__(self, *, after_answers: bool = False) -> None:
        self._after_answers = after_answers
        self._rejected_since: float | None = None  # the first rejection after the last answer
        self._rejected_documents = 0  # since then
        self.longest_named_seconds = 0.0  # the longest wait that rejections since then named

    def rejected(self, now: float, named_seconds: float, *, fresh: bool) -> float:
        """Record a rejection, and the wait that it names.

        `fresh`: it is the document's first since the last answer. Return for how many seconds
        calls were rejected and nothing was answered; 0 while it may be the documents' fault: they
        are few, and others were answered.
        """
        if self._rejected_since is None:
            self._rejected_since = now
        self.longest_named_seconds = max(self.longest_named_seconds, named_seconds)
        self._rejected_documents += fresh
        if self._after_answers and self._rejected_documents < _DOCUMENTS:
            return 0.0
        return now - self._rejected_since
