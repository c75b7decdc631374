"""Which call fails, and how: chosen deterministically, so that a test can name its victims."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from emulators.gemini.faults import FaultRule


@dataclass(frozen=True, slots=True)
class Target:
    """A call that rules may hit: its document, its project, seconds since that one's first call.

    ``draw`` in [0, 1) is what a chance is held against; it is another for every call.
    """

    identity: str
    project: str = ""
    seconds: float = 0.0
    draw: float = 0.0


def position(seed: int | str, identity: str) -> float:
    """Return where a document lies in [0, 1) for choosing shares; the same on every machine."""
    digest = hashlib.sha256(f"{seed}\0{identity}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


class FaultPlan:
    """Rules together with how often each has struck; used by one thread."""

    def __init__(self, rules: Sequence[FaultRule], *, seed: int = 0) -> None:
        self._seed = seed
        self._rules = tuple(rules)
        self.has_chances = any(rule.chance is not None for rule in self._rules)
        self._calls: Counter[tuple[str, str]] = Counter()
        self._left = [rule.next for rule in self._rules]
        self._struck: list[Counter[str]] = [Counter() for _ in self._rules]
        self._shares = _side_by_side(rule.share for rule in self._rules)
        self._chances = _side_by_side(rule.chance for rule in self._rules)

    def target(self, identity: str, *, project: str = "", seconds: float = 0.0) -> Target:
        """Return a call for document ``identity`` as rules see it, and count it.

        The first call of one project for a document has the same draw as that of another: projects
        that send the same documents meet the same chances.
        """
        if not self.has_chances:
            return Target(identity, project, seconds)
        number = self._calls[project, identity]
        self._calls[project, identity] += 1
        return Target(identity, project, seconds, position(self._seed, f"{identity}\0{number}"))

    def choose(self, target: Target, *, before_quota: bool = False) -> FaultRule | None:
        """Return the rule that hits a call, and count it.

        Asked twice for a call: for the rules that strike before the quotas are asked, and for all
        others once the call is admitted.
        """
        place = position(self._seed, target.identity) if self._rules else 0.0
        for number, rule in enumerate(self._rules):
            if rule.before_quota != before_quota or not self._hits(number, target, place):
                continue
            left = self._left[number]
            if left is not None:
                self._left[number] = left - 1
            self._struck[number][target.identity] += 1
            return rule
        return None

    def _hits(self, number: int, target: Target, place: float) -> bool:
        """Tell whether all conditions of a rule hold; a call's document lies at ``place``."""
        rule, left = self._rules[number], self._left[number]
        return (
            (rule.match is None or _matches(rule.match, target.identity))
            and rule.spares != target.project
            and (rule.share is None or _within(self._shares[number], place))
            and (rule.chance is None or _within(self._chances[number], target.draw))
            and (rule.wave is None or int(target.seconds // rule.wave) % 2 == 1)
            and (left is None or left > 0)
            and (rule.times is None or self._struck[number][target.identity] < rule.times)
        )


def _side_by_side(parts: Iterable[float | None]) -> list[tuple[float, float]]:
    """Return ranges in [0, 1), one after the other, so that each part is taken in full."""
    found, start = [], 0.0
    for part in parts:
        end = start + (part or 0.0)
        found.append((start, end))
        start = end
    return found


def _within(span: tuple[float, float], place: float) -> bool:
    return span[0] <= place < span[1]


def _matches(pattern: str, identity: str) -> bool:
    return pattern in identity if "://" in identity else identity.startswith(pattern.lower())
