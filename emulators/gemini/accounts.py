"""Whose quota a call uses: that of its project, with what is in flight and what came in when."""

import time
from collections.abc import Mapping
from typing import Any

from emulators.gemini.behaviour import Behaviour
from emulators.gemini.quota import Quotas, Rejection
from emulators.gemini.timeline import Timeline, Visit

# Keys beyond so many projects share one.
_MOST_PROJECTS = 1000
_EVERYBODY = ""


def project_of(key: str) -> str:
    """Return the project of an API key or token: its part before the first dot."""
    return key.partition(".")[0]


def bearer(headers: Mapping[str, str]) -> str:
    """Return the access token of a call, "" without one."""
    for name, value in headers.items():
        if name.lower() == "authorization":
            return value.removeprefix("Bearer ").strip()
    return ""


class Account:
    """One project: its quotas, its calls in flight and its timeline; used by one thread."""

    def __init__(self, behaviour: Behaviour) -> None:
        self._timeline: Timeline | None = None
        self._in_flight = 0
        self.behave(behaviour)

    def behave(self, behaviour: Behaviour) -> None:
        """Keep these quotas from now on, full; what is in flight stays so."""
        self._quotas = Quotas(behaviour)
        self._steps = list(behaviour.steps())
        self._first: float | None = None

    def arrive(self, caller: str, document: int, now: float) -> Visit:
        """Count a call, whose document is known by any number."""
        if self._timeline is None:
            self._timeline = Timeline(now, time.time())
        if self._first is None:
            self._first = now
        while self._steps and now - self._first >= self._steps[0][0]:
            _, limit = self._steps.pop(0)
            self._quotas.change_requests(now, limit)
        self._timeline.quota(now, self._quotas.limits)
        return self._timeline.trace(caller).arrive(now, document)

    def seconds(self, now: float) -> float:
        """Return how long ago the first call came, since it behaves as it does."""
        return now - self._first if self._first is not None else 0.0

    def admit(self, now: float) -> Rejection | None:
        """Use one request of every quota, or return which one refused."""
        return self._quotas.admit(now, self._in_flight)

    def charge(self, now: float, tokens: int) -> None:
        """Use an admitted call's prompt tokens."""
        self._quotas.charge(now, tokens)

    def enter(self, visit: Visit) -> None:
        """Count an admitted call as in flight."""
        self._in_flight += 1
        visit.admit()

    def leave(self, visit: Visit, now: float) -> None:
        """Count one less in flight."""
        self._in_flight -= 1
        visit.leave(now)

    def forget(self) -> None:
        """Begin the timeline anew, with the next call."""
        self._timeline = None

    def as_json(self, now: float) -> dict[str, Any] | None:
        """Return the timeline, None before the first call."""
        return self._timeline.as_json(now) if self._timeline is not None else None


class Accounts:
    """The projects of a stand-in: one for all keys, or one for each.

    With quotas for each project, a key's project is its part before the first dot: keys ``a.1``
    and ``a.2`` share one quota and are told apart in the timeline.
    """

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
        self._accounts: dict[str, Account] = {}

    def behave(self, behaviour: Behaviour) -> None:
        """Keep these quotas from now on, in the accounts that exist too."""
        self._behaviour = behaviour
        for account in self._accounts.values():
            account.behave(behaviour)

    def of(self, key: str) -> Account:
        """Return the account of an API key or token."""
        project = project_of(key) if self._behaviour.quota_per_project else _EVERYBODY
        if project not in self._accounts and len(self._accounts) >= _MOST_PROJECTS:
            project = _EVERYBODY
        found = self._accounts.get(project)
        if found is None:
            found = self._accounts[project] = Account(self._behaviour)
        return found

    def forget(self) -> None:
        """Begin every timeline anew; calls in flight stay in flight."""
        for account in self._accounts.values():
            account.forget()

    def as_json(self, now: float) -> dict[str, Any]:
        """Return the timelines by project, of those that called."""
        found = {name: account.as_json(now) for name, account in self._accounts.items()}
        return {name: timeline for name, timeline in found.items() if timeline is not None}
