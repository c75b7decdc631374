"""A price without a single call: from pages, the prompt and the schema. Rough, and says so. Pure.

The input is nearly known: prompt, schema, and a number of tokens for each page. The text of a PDF
comes on top, and nobody has counted it. The output is a guess by the fields of the schema, and what
a model thinks is hidden until it is asked: it was 88 % of the output where it thought as it liked
(a public report of 2026 on filings). So both ends are given, and no interval.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sluicegate.document_types.definition import DocumentType
from sluicegate.document_types.fields import Field
from sluicegate.gemini.catalogue import TIERS, Model
from sluicegate.gemini.response_schema import response_schema
from sluicegate.records import Usage

_CHARACTERS_PER_TOKEN = 4
_TEXT_OF_A_PAGE = (0, 800)  # tokens of a PDF's own text
# Characters of a value in JSON beside its name: null, and a short line.
_VALUE = (8, 24)
_ITEMS = (1, 5)  # of a list, on a page
# What thinking multiplies the output by, at most: as told, or 88 % of it thought.
_THOUGHTS = {"minimal": 1.0, "low": 2.0, "medium": 4.0}
_FREE_THOUGHTS = 8.0


@dataclass(frozen=True, slots=True)
class Range:
    """Two ends; the true value is most likely between them."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Rough:
    """What arithmetic says of an input. Dollars are by tier."""

    usd: dict[str, Range]
    tokens_in: Range
    tokens_out: Range


def roughly(
    documents: int, pages: Mapping[str, float], kind: DocumentType, model: Model, on: date
) -> Rough:
    """Return what asking about so many documents takes; `pages` are by kind of file."""
    ends = [_tokens(documents, pages, kind, model, end) for end in (0, 1)]
    usd = {tier: Range(*(_usd(tier, model, documents, end, on) for end in ends)) for tier in TIERS}
    return Rough(
        usd,
        Range(*(end.prompt_tokens for end in ends)),
        Range(*(end.output_tokens for end in ends)),
    )


def usd_at(tier: str, model: Model, usage: Usage, on: date) -> Decimal:
    """Return the dollars at a tier on a day; a tier without a price costs the standard one."""
    return model.cost_usd(usage, on, tier) or model.cost_usd(usage, on) or Decimal(0)


def _usd(tier: str, model: Model, documents: int, end: Usage, on: date) -> float:
    # Priced as documents of average length: prices go by the length of a prompt.
    each = Usage(*(round(tokens / max(1, documents)) for tokens in end))
    return float(usd_at(tier, model, each, on)) * documents


def _tokens(
    documents: int, pages: Mapping[str, float], kind: DocumentType, model: Model, end: int
) -> Usage:
    parameters = model.takes(kind.generation_parameters)
    resolution = str(parameters.get("media_resolution") or "")
    schema = json.dumps(response_schema(kind), ensure_ascii=False)
    prompt = documents * (len(kind.full_prompt) + len(schema)) / _CHARACTERS_PER_TOKEN
    for name, number in pages.items():
        shown: int = model.tokens_of_page("pdf" if name == "pdf" else "image", resolution)
        prompt += number * (shown + (_TEXT_OF_A_PAGE[end] if name == "pdf" else 0))
    each_page = sum(pages.values()) / max(1, documents)
    # Of a type for many records: one a document at least, one a page at most.
    records = max(1.0, each_page) if kind.holds_many and end else 1
    output = documents * records * _characters(kind.fields, each_page, end) / _CHARACTERS_PER_TOKEN
    return Usage(round(prompt), 0, round(output * (_thoughts(model, parameters) if end else 1)))


def _characters(fields: tuple[Field, ...], pages: float, end: int) -> float:
    """Return the characters of an answer with these fields."""
    total = 2.0
    for field in fields:
        value = _characters(field.fields, pages, end) if field.kind == "object" else _VALUE[end]
        times = _ITEMS[end] * max(1.0, pages) if field.repeated else 1
        total += len(field.name) + 4 + times * value
    return total


def _thoughts(model: Model, parameters: Mapping[str, object]) -> float:
    if model.thinking == "none" or parameters.get("thinking_budget") == 0:
        return 1.0
    return _THOUGHTS.get(str(parameters.get("thinking_level")), _FREE_THOUGHTS)
