"""Which truth is meant for which document, when the truth says less than the full URI."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sluicegate.evaluation.outcomes import Outcome
from sluicegate.evaluation.truth import Truth, about_document


@dataclass(slots=True)
class Named:
    """Documents and truths of one base name, brought together."""

    pairs: list[tuple[Truth, Outcome]] = field(default_factory=list)
    unfound: list[Truth] = field(default_factory=list)  # no document has that name
    ambiguous: list[Truth] = field(default_factory=list)  # several might be meant: not scored
    untold: int = 0  # documents that no truth is meant for


def bring_together(truths: Iterable[Truth], outcomes: Iterable[Outcome]) -> Named:
    """Bring together truths and documents that all have the same base name.

    A truth means the document whose URI it is; else the one whose URI ends with it (from a slash
    on); else the only one of that base name, if it is the only truth of it too. Where two are
    equally near, none is taken. Documents are distinct, and read once as a stream; held are the
    truths and at most two documents for each.
    """
    by_name: dict[str, list[Truth]] = {}
    for truth in truths:
        by_name.setdefault(truth.name, []).append(truth)
    near: dict[str, list[Outcome]] = {}
    unclaimed: list[Outcome] = []
    found, documents = Named(), 0
    for outcome in outcomes:
        documents += 1
        name = next((end for end in _ends(outcome.document_uri) if end in by_name), None)
        kept = unclaimed if name is None else near.setdefault(name, [])
        if name == outcome.document_uri:
            kept[:] = [outcome]
        elif len(kept) < 2 and not (kept and kept[0].document_uri == name):
            kept.append(outcome)
    _settle(found, by_name, near, unclaimed)
    found.untold = documents - len(found.pairs)
    return found


def _settle(
    found: Named,
    by_name: dict[str, list[Truth]],
    near: dict[str, list[Outcome]],
    unclaimed: list[Outcome],
) -> None:
    """Enter every truth: with its document, as ambiguous, or as one that nothing is found for."""
    last: list[Truth] = []
    for name, same in by_name.items():
        truth = about_document(same)
        if truth is None:
            found.ambiguous += same  # the truth contradicts itself
        elif len(near.get(name, ())) > 1:
            found.ambiguous.append(truth)
        elif name in near:
            found.pairs.append((truth, near[name][0]))
        else:
            last.append(truth)
    if len(last) == len(unclaimed) == 1:
        found.pairs.append((last[0], unclaimed[0]))
    elif last and unclaimed:
        found.ambiguous += last
    else:
        found.unfound += last


def _ends(uri: str) -> Iterable[str]:
    """Yield a URI and its ends from a slash on, the longest first."""
    yield uri
    at = uri.find("/")
    while at >= 0:
        yield uri[at + 1 :]
        at = uri.find("/", at + 1)
