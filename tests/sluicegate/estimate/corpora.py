"""Made-up corpora whose true cost is known: kinds, sizes, a long tail, files that fail."""

import random
from dataclasses import dataclass

from sluicegate.gemini.catalogue import load_catalogue
from sluicegate.records import Document, Usage

MODEL = load_catalogue().get("gemini-3.1-flash-lite")


@dataclass(frozen=True)
class Made:
    """A document, its pages and what asking about it takes."""

    document: Document
    pages: int
    usage: Usage


def mixed(seed: int, count: int = 20_000) -> list[Made]:
    """Invoices, letters and statements as text and as scans, photos, faxes; some are broken."""
    draw = random.Random(seed)
    return [_one(draw, number) for number in range(count)]


def _one(draw: random.Random, number: int) -> Made:
    kind = draw.choices(("text", "scan", "long", "photo", "fax", "broken"), (45, 20, 1, 25, 6, 3))[
        0
    ]
    pages = {
        "text": lambda: 1 + int(draw.expovariate(1 / 1.5)),
        "scan": lambda: 1 + int(draw.expovariate(1 / 3)),
        "long": lambda: int(20 + draw.paretovariate(1.5) * 20),
        "photo": lambda: 1,
        "fax": lambda: 1 + int(draw.expovariate(1 / 2)),
        "broken": lambda: 0,
    }[kind]()
    pages = min(pages, 800)
    each = {"text": 30_000, "scan": 250_000, "long": 60_000, "photo": 900_000, "fax": 40_000,
            "broken": 20_000}[kind]  # fmt: skip
    size = int(each * max(pages, 1) * draw.lognormvariate(0, 0.5))
    ending = {"photo": draw.choice(("jpg", "png", "JPG")), "fax": "tif"}.get(kind, "pdf")
    document = Document(f"gs://made/{number:06}.{ending}", size, "1")
    if not pages:
        return Made(document, 0, Usage())
    page_tokens = 1120 if kind == "photo" else 560
    text = int(draw.lognormvariate(5.5, 0.5) * pages) if kind in ("text", "long") else 0
    dense = draw.lognormvariate(0, 0.45)  # line items of this document
    output = int((60 + 110 * pages) * dense)
    usage = Usage(700 + page_tokens * pages + text, 0, output, 0)
    if draw.random() < 0.001:  # cut, and asked again with a higher limit
        usage = usage + Usage(usage.prompt_tokens, 0, 8192, 0)
    return Made(document, pages, usage)


def one_kind(seed: int, count: int = 5_000) -> list[Made]:
    """Small invoices of one to eight pages."""
    draw = random.Random(seed)
    made = []
    for number in range(count):
        pages = draw.randint(1, 8)
        size = int(40_000 * pages * draw.lognormvariate(0, 0.3))
        usage = Usage(700 + 560 * pages, 0, int(150 * pages * draw.lognormvariate(0, 0.5)), 0)
        made.append(Made(Document(f"in/{number}.pdf", size, "1"), pages, usage))
    return made
