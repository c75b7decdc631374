"""Bank statements: two labelled balances, and lines that begin with a date and end in amounts."""

from collections.abc import Mapping
from typing import Any

from emulators.reader.answer import coerce, properties, type_of
from emulators.reader.reading import Reading
from sluicegate.evidence.concepts import split_name
from sluicegate.evidence.pages import Line
from sluicegate.evidence.tokens import fold

Schema = Mapping[str, Any]
Row = dict[str, Any]

# Folded labels of the head, by what they name.
_LABELS = {
    "opening": (
        "opening balance", "balance brought forward", "previous balance", "anfangssaldo",
        "alter saldo", "kontostand alt", "solde initial", "saldo inicial", "saldo iniziale",
    ),
    "closing": (
        "closing balance", "new balance", "ending balance", "endsaldo", "neuer saldo",
        "kontostand neu", "solde final", "saldo final", "saldo finale",
    ),
    "holder": ("account holder", "account name", "kontoinhaber", "titulaire", "titular"),
    "number": ("account number", "account no", "iban", "kontonummer", "numero de compte"),
    "period": ("period", "statement period", "zeitraum", "periode", "periodo"),
}  # fmt: skip
_COLUMNS = {
    "date": ("date", "datum", "fecha", "data"),
    "balance": ("balance", "saldo", "solde"),
    "amount": ("amount", "betrag", "montant", "importe", "importo"),
}
# Words of a property's name, by what it asks for; the first that fits.
_FIELDS = (
    ("opening", ("opening", "start balance", "previous balance")),
    ("closing", ("closing", "ending", "end balance", "new balance")),
    ("start", ("start", "from", "begin")),
    ("end", ("end", "until", "to")),
    ("holder", ("holder", "owner")),
    ("bank", ("bank",)),
    ("currency", ("currency",)),
    ("number", ("number", "iban", "account")),
)
_ITEM_FIELDS = (
    ("balance", ("balance", "saldo")),
    ("date", ("date", "day", "booked")),
    ("amount", ("amount", "value")),
    ("text", ("description", "text", "details", "name")),
)


def wanted(schema: Schema) -> bool:
    """Tell whether a schema asks for a statement: two balances, and lines."""
    names = [" ".join(split_name(name)) for name in properties(schema)]
    return {"opening", "closing"} <= {word for name in names for word in name.split()}


def read(reading: Reading, schema: Schema) -> Row:
    """Fill the object that a schema describes with what a statement, or some pages of it, say."""
    rows = _rows(reading)
    head = _head(reading)
    answer: Row = {}
    for name, inner in properties(schema).items():
        if type_of(inner) == "array":
            items = inner.get("items") or {}
            answer[name] = [_filled(row, items, _ITEM_FIELDS) for row in rows]
        else:
            answer |= _filled(head, {"properties": {name: inner}}, _FIELDS)
    return answer


def _filled(found: Row, schema: Schema, rules: tuple[tuple[str, tuple[str, ...]], ...]) -> Row:
    values: Row = {}
    for name, inner in properties(schema).items():
        value = found.get(_concept(name, rules) or "")
        values[name] = None if value is None else coerce(value, inner)
    return values


def _concept(name: str, rules: tuple[tuple[str, tuple[str, ...]], ...]) -> str | None:
    words = split_name(name)
    for concept, listed in rules:
        if any(all(word in words for word in phrase.split()) for phrase in listed):
            return concept
    return None


def _rows(reading: Reading) -> list[Row]:
    """Return the lines under headings of a date and an amount, in order."""
    rows: list[Row] = []
    for page in reading.pages:
        edges: dict[str, float] | None = None
        for line in page.lines:
            if found := _edges(line):
                edges = found
            elif edges and (row := _row(reading, line, edges)):
                rows.append(row)
    return rows


def _edges(line: Line) -> dict[str, float] | None:
    """Return the right edges of a heading's columns of numbers; None for another line."""
    found = {
        name: cell.x1
        for cell in line.cells
        for name, words in _COLUMNS.items()
        if fold(cell.text).strip() in words
    }
    return found if {"date", "amount"} <= found.keys() else None


def _row(reading: Reading, line: Line, edges: dict[str, float]) -> Row | None:
    first = line.cells[0]
    dated = reading.dates(first.text)
    if not dated or dated[0].start:
        return None
    row: Row = {"date": dated[0].value}
    text: list[str] = [first.text[dated[0].end :].strip()]
    for cell in line.cells[1:]:
        amounts = reading.amounts(cell.text)
        name = _column(cell.x1, edges) if len(amounts) == 1 else None
        if name and amounts[0].end - amounts[0].start >= len(cell.text.strip()):
            row[name] = amounts[0].value
        else:
            text.append(cell.text)
    row["text"] = " ".join(filter(None, text))
    return row if "amount" in row else None


def _column(right: float, edges: dict[str, float]) -> str | None:
    near = {name: abs(edges[name] - right) for name in ("amount", "balance") if name in edges}
    name = min(near, key=lambda each: near[each])
    return name if near[name] < 12 else None


def _head(reading: Reading) -> Row:
    head: Row = {}
    for line in reading.lines:
        for place, cell in enumerate(line.cells):
            label = fold(cell.text).strip(" :.")
            beside = line.cells[place + 1].text if place + 1 < len(line.cells) else ""
            for name, words in _LABELS.items():
                if label in words and beside:
                    _note(head, name, beside, reading)
                elif name == "number" and (after := _after(label, words, cell.text)):
                    head.setdefault(name, after)
    if head.keys() & {"holder", "opening"} and reading.lines:
        # The first line of a statement names the bank.
        head["bank"] = reading.lines[0].cells[0].text
    return head


def _after(label: str, words: tuple[str, ...], text: str) -> str | None:
    """Return what follows a label in its own cell, as in a page's foot."""
    for word in words:
        if label.startswith(word + " "):
            return text.strip()[len(word) :].strip(" :.") or None
    return None


def _note(head: Row, name: str, beside: str, reading: Reading) -> None:
    if name in {"opening", "closing"}:
        amounts = reading.amounts(beside)
        if amounts:
            head.setdefault(name, amounts[-1].value)
            if amounts[-1].currency:
                head.setdefault("currency", amounts[-1].currency)
    elif name == "period":
        days = reading.dates(beside)
        if len(days) > 1:
            head.setdefault("start", days[0].value)
            head.setdefault("end", days[-1].value)
    else:
        head.setdefault(name, beside.strip())
