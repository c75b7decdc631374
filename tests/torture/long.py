"""Files of many pages, asked about in windows: each window is paid once."""

from pathlib import Path

from torture.place import MAX_IN_FLIGHT, Place, Violation

from samples.statements import make_statement

WINDOW_PAGES = 2
FLAGS = {"document_type": "bank_statement", "window_pages": str(WINDOW_PAGES)}
_LENGTHS = (1, 2, 3, 6, 9, 14)  # pages


def write_long(folder: Path, count: int) -> int:
    """Write `count` statements; one in 25 cannot be read by anyone. Return how many windows."""
    folder.mkdir(parents=True, exist_ok=True)
    windows = 0
    for index in range(count):
        pages = _LENGTHS[index % len(_LENGTHS)]
        data = make_statement(23, index, rows=3 * pages, pages=pages).data
        if index % 25 == 24:
            data = data[: len(data) // 2]
        else:
            windows += -(-pages // WINDOW_PAGES)
        (folder / f"statement-{index:04}.pdf").write_bytes(data)
    return windows


def check_windows(place: Place, kills: int) -> str:
    """Check that no window was paid twice but for what was in flight; return what was found."""
    answered = place.endpoint.stats(documents=True)["answers_per_document"]
    counts = [int(count) for count in answered.values()]
    asked = sum(count > 0 for count in counts)
    if asked > place.requests:
        raise Violation(f"{asked} windows were asked about, there are {place.requests}")
    again = sum(count - 1 for count in counts if count)
    if again > kills * MAX_IN_FLIGHT:
        raise Violation(f"{again} windows were paid again, after {kills} kills")
    return f"{asked} of {place.requests} windows asked about, {again} paid again"
