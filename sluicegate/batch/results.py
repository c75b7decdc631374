"""Results: rows of a job joined with the members of its shard, by key and nothing else. Pure."""

from collections.abc import Iterable

from sluicegate.asking.batch_service import Row
from sluicegate.asking.response import Response
from sluicegate.batch.drafts import Member
from sluicegate.batch.members import identity_of


class Unusable(Exception):  # noqa: N818 - what the results are
    """The results are not those of this shard, or contradict themselves: none can be trusted."""


def joined(rows: Iterable[Row], members: Iterable[Member]) -> dict[str, Row]:
    """Return the rows by identity.

    A key that is missing is a request without a response. A line that comes twice, word for word,
    is one line. Raises Unusable for a key that is not the shard's and for two different lines under
    one key: a fallback to the lines' order put another document's text under 17,148 pages
    (sourcelibrary-v2 #135).
    """
    known = {member.request.identity for member in members}
    found: dict[str, Row] = {}
    for row in rows:
        identity = identity_of(row.key)
        if identity not in known:
            raise Unusable(f"a line has the key {row.key[:80]!r}, which was not asked for")
        if found.setdefault(identity, row) != row:
            raise Unusable(f"two lines have the key {row.key!r} and say different things")
    return found


def response_of(row: Row | None) -> Response | None:
    """Return the response of a row that was answered, and so paid for."""
    return row.reply if row and isinstance(row.reply, Response) else None
