"""A review as a folder: index.html, and the pages beside it as pictures."""

import hashlib
from collections.abc import Callable
from typing import Any

from pipeline.reviewing.reading import Selection
from sluicegate.evidence.unreadable import Unreadable
from sluicegate.pages.review_page import review_page
from sluicegate.review.documents import picture
from sluicegate.review.material import doubts
from sluicegate.storage import join, store_for

# Pages of one document that are drawn into a folder, some 6 MB of pictures.
_MOST_PAGES = 100


def write_folder(selection: Selection, on_document: Callable[[], None]) -> str:
    """Write the page and its pictures; return where the page is. Raises StoreError.

    `on_document` is called after each document.
    """
    folder = selection.settings.output
    data: dict[str, Any] = selection.page_data() | {"served": False, "order": _ORDER}
    for key in selection.subjects:
        data["documents"][key] = _document(selection, key, folder)
        on_document()
    worst = data["queues"]["worst"]
    worst.sort(key=lambda key: -doubts(data["documents"][key]))  # equal ones stay as they were
    data["build"] = _build(selection)
    place = join(folder, "index.html")
    store_for(place).write(place, review_page(data).encode())
    return place


_ORDER = "Worst first goes by what is doubtful in these documents now."


def _document(selection: Selection, key: str, folder: str) -> dict[str, Any]:
    original = selection.original(key)
    shown = selection.material(key, original)
    if len(shown["pages"]) > _MOST_PAGES:
        cut = f"{len(shown['pages']):,} pages; the first {_MOST_PAGES} are here, --serve shows all"
        shown["note"] = "; ".join(filter(None, (shown["note"], cut)))
        del shown["pages"][_MOST_PAGES:]
    for number in range(len(shown["pages"])):
        place = join(folder, f"pages/{key}-{number}.webp")
        try:
            store_for(place).write(place, picture(original, number))
        except Unreadable as error:
            shown["note"] = shown["note"] or str(error)
    return shown


def _build(selection: Selection) -> str:
    """Return what tells this review's decisions in a browser apart from those of others.

    The same rows make the same, so that a folder that is made again goes on.
    """
    made = sorted(
        f"{key} {row.get('processed_at')}"
        for key, subject in selection.subjects.items()
        for row in subject.rows
    )
    return hashlib.sha256("\n".join(made).encode()).hexdigest()[:16]
