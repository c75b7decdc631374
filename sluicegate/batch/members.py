"""Who is in a shard: digests to look up, keys that join results, and the shard's name. Pure.

A request's identity is 64 hex digits. In an input file its key is `r-` and those digits: a key that
looks like a number would be made one (Vertex AI reads input by BigQuery's importer).
"""

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator

_DIGEST = 32  # bytes
_NAME_DIGITS = 24
_KEY = "r-"


def key_of(identity: str) -> str:
    """Return the key of a request in an input file."""
    return f"{_KEY}{identity}"


def identity_of(key: str) -> str:
    """Return the identity of a key; "" for what is no key of ours."""
    identity = key.removeprefix(_KEY)
    return identity if key.startswith(_KEY) and len(identity) == 2 * _DIGEST else ""


def shard_name(identities: Iterable[str], *asked: object) -> str:
    """Return 24 hex digits that follow from a shard's members and from what is asked of whom."""
    digest = hashlib.sha256("\0".join(map(str, asked)).encode())
    for identity in sorted(identities):
        digest.update(b"\0" + identity.encode())
    return digest.hexdigest()[:_NAME_DIGITS]


class Members:
    """A set of identities as sorted digests: 32 bytes each, where a set of texts takes 150."""

    def __init__(self, digests: bytes = b"") -> None:
        self._digests = digests

    @classmethod
    def of(cls, identities: Iterable[str]) -> "Members":
        """Return the set of these identities."""
        return cls(b"".join(sorted({bytes.fromhex(each) for each in identities})))

    @property
    def data(self) -> bytes:
        """The set as it is stored."""
        return self._digests

    def __len__(self) -> int:
        return len(self._digests) // _DIGEST

    def __iter__(self) -> Iterator[str]:
        starts = range(0, len(self._digests), _DIGEST)
        return (self._digests[start : start + _DIGEST].hex() for start in starts)

    def __contains__(self, identity: str) -> bool:
        wanted = bytes.fromhex(identity)
        place = bisect_left(range(len(self)), wanted, key=self._digest)
        return self._digest(place) == wanted

    def _digest(self, place: int) -> bytes:
        return self._digests[place * _DIGEST : (place + 1) * _DIGEST]
