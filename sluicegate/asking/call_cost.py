"""What a call may cost, before it is made: its input is known, its output is learned.

The output of an extraction is a few per cent of `max_output_tokens`, so a reserve of that limit
would be 10 to 50 times what is paid. The reserve is the 99th percentile of the calls so far.
"""

import math
from collections import Counter

from sluicegate.records import Usage

_SHARE = 0.99
_BUCKETS_PER_OCTAVE = 8  # quantiles are at most 9 % too high
# So few calls have seen no rare one: their largest is taken, and half as much again.
_FEW, _MARGIN = 50, 1.5
_CHARACTERS_PER_TOKEN = 4
# Tokens of a page before any call: the highest resolution of Gemini 3, and as much text again.
_PAGE_AT_FIRST = 2240
# Pages of a document that is passed by reference before any call: nobody has looked into it.
_PAGES_AT_FIRST = 10


class CallCost:
    """Learns the tokens of one model's calls. Scope: one event loop. Counts in tokens."""

    def __init__(self, shared_characters: int, max_output_tokens: int) -> None:
        self._shared = math.ceil(shared_characters / _CHARACTERS_PER_TOKEN)
        self._usual_limit = max_output_tokens
        self._outputs = _Percentile()
        self._pages = _Percentile()  # prompt tokens of a page
        self._whole = _Percentile()  # prompt tokens of a document whose pages nobody counted

    @property
    def knows_output(self) -> bool:
        """Whether any call was answered."""
        return self._outputs.count > 0

    def most(self, pages: int, max_output_tokens: int) -> Usage:
        """Return the tokens that a call takes at most, but for one in a hundred.

        `pages` are those of its document, 0 where nobody has counted them. A call with a higher
        limit than usual is made since an answer was cut: it is expected to use the limit.
        """
        limited = max_output_tokens > self._usual_limit or not self.knows_output
        output = math.inf if limited else self._outputs.high()
        return Usage(
            prompt_tokens=self._prompt(pages), output_tokens=int(min(output, max_output_tokens))
        )

    def least(self) -> Usage:
        """Return the tokens that the smallest call may take: of a document of one page."""
        return self.most(1, self._usual_limit)

    def learn(self, pages: int, usage: Usage) -> None:
        """Take in what a call really took."""
        self._outputs.add(usage.output_tokens + usage.thought_tokens)
        if pages:
            self._pages.add((usage.prompt_tokens - self._shared) / pages)
        else:
            self._whole.add(usage.prompt_tokens)

    def _prompt(self, pages: int) -> int:
        if pages:
            each = self._pages.high() if self._pages.count else _PAGE_AT_FIRST
            return self._shared + math.ceil(pages * each)
        if self._whole.count:
            return math.ceil(self._whole.high())
        return self._shared + _PAGES_AT_FIRST * _PAGE_AT_FIRST


class _Percentile:
    """A high percentile of numbers, counted in buckets."""

    def __init__(self) -> None:
        self._buckets: Counter[int] = Counter()
        self._largest = 0.0
        self.count = 0

    def add(self, number: float) -> None:
        number = max(1.0, number)
        self._buckets[math.ceil(math.log2(number) * _BUCKETS_PER_OCTAVE)] += 1
        self._largest = max(self._largest, number)
        self.count += 1

    def high(self) -> float:
        if self.count < _FEW:
            return self._largest * _MARGIN
        above = self.count - math.ceil(_SHARE * self.count)
        for bucket in sorted(self._buckets, reverse=True):
            if self._buckets[bucket] > above:
                return min(self._largest, 2 ** (bucket / _BUCKETS_PER_OCTAVE))
            above -= self._buckets[bucket]
        return self._largest
