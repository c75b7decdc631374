"""The manifest of a shard: what is asked for in one batch job, and how far that has come.

    planned ──> sending ──> created ──> collected
       │           │           └──> forgotten      by --batch_forget
       └───────────┴──> released                   refused: nothing was created, or paid

`planned` is an intent: no request was made for it. `sending` is written right before the one
request that creates the job. From then on there may be a job, whether its name is known or not.
Each step replaces one version of the manifest, so of two runs one takes it.
"""

import json
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any, Literal

State = Literal["planned", "sending", "created", "collected", "released", "forgotten"]
CLOSED: tuple[State, ...] = ("collected", "released", "forgotten")

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """One shard. Plain data, free of secrets. Times are the store's, in ISO 8601."""

    number: int  # of the claim: 1, 2, 3 …
    shard: str  # what names its objects: 24 hex digits that follow from its members and attempt
    state: State
    token: str  # who wrote this version
    run_id: str  # the run that planned it
    service: str
    key: str  # who pays; see BatchService.key
    model: str
    question: str  # its fingerprint
    schema: str  # of every request, for the journal
    max_output_tokens: int
    documents: int  # requests, each of one content
    input_bytes: int
    is_canary: bool = False
    reserve_usd: str = ""  # the most that it may cost; "" where the price is not known
    attempt: int = 1
    sent_at: str = ""
    missed_at: str = ""  # when the job was first not found under its display name
    name: str = ""  # the job's
    said: str = ""  # what the service said last, for people
    cancelled_at: str = ""  # when its end was asked for
    answered: int = 0  # once collected: members with a response
    usable: int = 0  # of those, answers
    left_over: int = 0  # members without a response

    @property
    def is_open(self) -> bool:
        """Whether its members wait for it."""
        return self.state not in CLOSED

    @property
    def display_name(self) -> str:
        """What its job is called, so that it is found without its name."""
        return f"sluicegate-{self.shard}-{self.number}-a{self.attempt}"

    @property
    def sent(self) -> datetime | None:
        """When its job was asked for."""
        return datetime.fromisoformat(self.sent_at) if self.sent_at else None

    def age_seconds(self, now: datetime) -> float:
        """Return for how long its job has been asked for; 0 where it has not."""
        return (now - self.sent).total_seconds() if self.sent else 0.0

    def becomes(self, state: State, **changes: Any) -> "Manifest":
        """Return the manifest in another state."""
        return replace(self, state=state, **changes)


def encode(manifest: Manifest) -> bytes:
    """Return the object of a manifest: JSON that people can read."""
    return json.dumps({"format": _FORMAT, **asdict(manifest)}, indent=1).encode()


def decode(data: bytes) -> Manifest | None:
    """Return the manifest of an object; None where it cannot be read, or is of a later version."""
    try:
        stored = json.loads(data)
        if stored["format"] > _FORMAT:
            return None
        known = {each.name: stored[each.name] for each in fields(Manifest) if each.name in stored}
        return Manifest(**known)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
