"""Locate: from the values of a row and the words of its document to the evidence of every value.

A value of the header stands beside its label; items of a list go down the pages in their order, and
the values of one item stand in one band (`items`). What a person should look at, and why, is added
by `doubt`. Nothing here asks a model, draws chance or knows where a document lies.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sluicegate.document_types.definition import DocumentType
from sluicegate.evidence.doubt import Examined, raise_doubts
from sluicegate.evidence.evidence import Evidence
from sluicegate.evidence.finding import find
from sluicegate.evidence.items import locate_items
from sluicegate.evidence.labels import Labels, wanted_by
from sluicegate.evidence.lacking import lacking
from sluicegate.evidence.pages import Page
from sluicegate.evidence.place import Place
from sluicegate.evidence.places import Places
from sluicegate.evidence.spots import ListSpots, Spot, leaves
from sluicegate.evidence.table_columns import Headings


def locate(
    values: Mapping[str, Any],
    pages: Sequence[Page],
    kind: DocumentType,
    record_pages: range | None = None,
    whole: Places | None = None,
) -> list[Evidence]:
    """Return the evidence of every value of a row that is not null, in the order of the fields.

    `values` are typed as the document type's model types them. `record_pages` are the pages, from
    1, of the record that the row is about, where the file holds several: what stands on none of
    them is looked for on the others. `whole` is the index of `pages`, which records share.
    """
    whole = whole or Places(pages)
    own = whole if record_pages is None else Places(_only(pages, record_pages))
    if not own.is_read:
        own = whole
    labels, headings = Labels(own), Headings(own)
    elsewhere: Labels | None = None
    header: list[Spot] = []
    lists: list[ListSpots] = []
    order: list[Spot | ListSpots] = []
    for spot in leaves(values, kind.fields):
        if isinstance(spot.value, list):
            lists.append(_list(spot, own, headings))
            order.append(lists[-1])
        else:
            _header(spot, own, labels)
            if spot.found == "absent" and whole is not own:
                elsewhere = elsewhere or Labels(whole)
                _header(spot, whole, elsewhere)
            header.append(spot)
            order.append(spot)
    if own.is_read:
        raise_doubts(Examined(values, kind, header, lists, own, labels, headings))
        if kind.review.empty:
            left = lacking(values, kind.fields, own, labels, headings)
            order += [spot for spot in left if not kind.review.leaves_out(spot.names)]
    return [one for each in order for one in _evidences(each, pages)]


def _evidences(each: Spot | ListSpots, pages: Sequence[Page]) -> list[Evidence]:
    if isinstance(each, Spot):
        return [each.evidence(pages)]
    found = [spot.evidence(pages) for spot in each.spots]
    if each.doubt:
        own = Spot(each.path, each.names, each.field, None, "derived", each.missing)
        own.doubt = each.doubt
        found.append(own.evidence(pages))
    return found


def _list(spot: Spot, places: Places, headings: Headings) -> ListSpots:
    found = locate_items(spot, places, headings)
    if not places.is_read:
        for each in found.spots:
            each.found = "unread"
    return found


def _header(spot: Spot, places: Places, labels: Labels) -> None:
    """Find a value of the header; of several places the one counts whose label fits best."""
    if not places.is_read:
        spot.found = "unread"
        return
    finding = find(spot.value, spot.field, places)
    spot.found = finding.found
    if not finding.places:
        return
    wanted = wanted_by(spot.names)
    scores = [labels.score(place, wanted) for place in finding.places]
    best = max(scores)
    likeliest = [
        place for place, score in zip(finding.places, scores, strict=True) if score == best
    ]
    settled = len(finding.places) == 1 or (len(likeliest) == 1 and best > 0)
    many = finding.found == "exact" and not settled
    spot.put(_chosen(likeliest, spot), "exact_many" if many else finding.found, len(finding.places))


def _chosen(places: Sequence[Place], spot: Spot) -> Place:
    """Return the first of equal places; of a sum the last, for totals stand below what they sum."""
    return places[0] if isinstance(spot.value, str) or len(places) == 1 else places[-1]


def _only(pages: Sequence[Page], wanted: range) -> list[Page]:
    return [
        page if number in wanted else replace(page, lines=())
        for number, page in enumerate(pages, 1)
    ]
