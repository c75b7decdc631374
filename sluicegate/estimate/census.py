"""What the input holds, by kind and size, from its listing alone; and a fair draw from it. Pure.

One pass over any number of documents, in bounded memory: of each cell (a kind, and sizes within a
factor of the square root of two) the count, the bytes, and the documents whose hashes are smallest.
Any prefix of a cell in that order is a simple random sample of it, the same whenever it is drawn
from the same seed, whatever the order of the listing. Strata are neighbouring cells put together.
"""

import hashlib
import heapq
import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from sluicegate.records import Document

# Documents that a cell remembers, as many as are ever read: with some 150 cells, 120 MB.
_REMEMBERED = 2_000
_CELLS_PER_OCTAVE = 2

KINDS = ("pdf", "tiff", "image", "other")
_BY_ENDING = {
    "pdf": "pdf", "tif": "tiff", "tiff": "tiff",
    **dict.fromkeys(("png", "jpg", "jpeg", "jpe", "jfif", "webp", "heic", "heif"), "image"),
}  # fmt: skip


def kind_of(document: Document) -> str:
    """Return a document's kind as its name has it, or the store; nobody has looked into it."""
    ending = document.uri.rpartition("/")[2].rpartition(".")[2].lower()
    claim = document.media_type.partition(";")[0].strip().lower()
    if kind := _BY_ENDING.get(ending):
        return kind
    if claim in ("application/pdf", "image/tiff"):
        return _BY_ENDING[claim.rpartition("/")[2]]
    return "image" if claim.startswith("image/") else "other"


@dataclass(slots=True)
class Cell:
    """Documents of one kind and about one size."""

    documents: int = 0
    size_bytes: int = 0
    # (minus the hash, URI, document): a heap whose first is the largest hash.
    drawn: list[tuple[int, str, Document]] = field(default_factory=list)

    def add(self, document: Document, order: int) -> None:
        """Count a document, and remember it if its hash is among the smallest."""
        self.documents += 1
        self.size_bytes += document.size_bytes
        entry = -order, document.uri, document
        if len(self.drawn) < _REMEMBERED:
            heapq.heappush(self.drawn, entry)
        elif entry > self.drawn[0]:
            heapq.heapreplace(self.drawn, entry)


@dataclass(slots=True)
class Group:
    """A stratum: how many documents it has, and some of them in a random order."""

    kind: str
    documents: int
    size_bytes: int
    drawn: list[Document]


class Census:
    """Counts a listing. Mutable while it counts; the same seed draws the same documents."""

    def __init__(self, seed: int = 0) -> None:
        self._key = seed.to_bytes(8, "big", signed=True)
        self._cells: dict[tuple[str, int], Cell] = {}

    def add(self, document: Document) -> None:
        """Count a document."""
        place = kind_of(document), _cell(document.size_bytes)
        self._cells.setdefault(place, Cell()).add(document, self._order(document))

    def _order(self, document: Document) -> int:
        name = document.uri.encode("utf-8", "surrogatepass")
        return int.from_bytes(hashlib.blake2b(name, digest_size=8, key=self._key).digest(), "big")

    @property
    def documents(self) -> int:
        """How many were counted."""
        return sum(cell.documents for cell in self._cells.values())

    def of_kind(self, kind: str) -> tuple[int, int]:
        """Return the documents and bytes of a kind."""
        cells = [cell for (name, _), cell in self._cells.items() if name == kind]
        return sum(cell.documents for cell in cells), sum(cell.size_bytes for cell in cells)

    def groups(self, most: int) -> list[Group]:
        """Return at most about so many strata: of each kind, neighbouring cells put together.

        Each gets about the same share of what documents will cost, which is guessed to grow a
        little slower than their bytes.
        """
        whole = sum(_weight(cell) for cell in self._cells.values())
        each = whole / max(1, most)
        groups: list[Group] = []
        for kind in KINDS:
            open_cells: list[Cell] = []
            for _, cell in sorted((key, cell) for key, cell in self._cells.items()
                                  if key[0] == kind):  # fmt: skip
                open_cells.append(cell)
                if sum(map(_weight, open_cells)) >= each:
                    groups.append(_group(kind, open_cells))
                    open_cells = []
            if open_cells:
                groups.append(_group(kind, open_cells))
        return groups


def allocate(total: int, sizes: list[int], weights: list[float], least: int = 2) -> list[int]:
    """Return how many to draw from each stratum, by its weight; `least` where there are so many.

    `weights` are of strata as a whole. No stratum gives more than it has: what it cannot give goes
    to the others (J. Neyman, 1934). The sum may be a little above `total`.
    """
    given = [min(size, least) for size in sizes]
    for _ in sizes:
        open_ones = [at for at, size in enumerate(sizes) if given[at] < size and weights[at] > 0]
        full = sum(given[at] for at in range(len(sizes)) if at not in open_ones)
        whole = sum(weights[at] for at in open_ones)
        before = list(given)
        for at in open_ones:
            share = (total - full) * weights[at] / whole
            given[at] = min(sizes[at], max(given[at], round(share), least))
        if given == before:
            break
    return given


def _group(kind: str, cells: Iterable[Cell]) -> Group:
    cells = list(cells)
    drawn = sorted((entry for cell in cells for entry in cell.drawn), reverse=True)
    # Beyond what one cell remembers the order would miss its documents: keep what is complete.
    full = [cell.drawn[0][0] for cell in cells if cell.documents > len(cell.drawn)]
    complete = [entry[2] for entry in drawn if not full or entry[0] >= max(full)]
    return Group(
        kind,
        sum(cell.documents for cell in cells),
        sum(cell.size_bytes for cell in cells),
        complete,
    )


def _weight(cell: Cell) -> float:
    mean = cell.size_bytes / cell.documents
    return cell.documents * math.pow(max(mean, 1), 0.75)


def _cell(size_bytes: int) -> int:
    return math.floor(math.log2(size_bytes + 1) * _CELLS_PER_OCTAVE)
