"""What a thousand documents cost by model and tier, as a table. docs/money.md shows it."""

from decimal import Decimal

from sluicegate.gemini.catalogue import TIERS, Catalogue, Model, load_catalogue
from sluicegate.records import Usage


def reference(usage: Usage, documents: int) -> str:
    """Return the table in Markdown: dollars of so many documents that take `usage` tokens each.

    Prices are those of the catalogue's own day; models without a price, or retired, are left out.
    """
    catalogue = load_catalogue()
    lines = [
        f"| model | {' | '.join(TIERS)} |",
        f"|---|{'---:|' * len(TIERS)}",
        *(_line(model, catalogue, usage, documents) for model in _current(catalogue)),
    ]
    return "\n".join((*lines, ""))


def _current(catalogue: Catalogue) -> list[Model]:
    models = catalogue.models.values()
    return [model for model in models if model.prices and not model.retired(catalogue.as_of)]


def _line(model: Model, catalogue: Catalogue, usage: Usage, documents: int) -> str:
    costs = [model.cost_usd(usage, catalogue.as_of, tier) for tier in TIERS]
    cells = ["–" if cost is None else _dollars(cost * documents) for cost in costs]
    return f"| {model.name} | {' | '.join(cells)} |"


def _dollars(amount: Decimal) -> str:
    return f"${amount:,.2f}" if amount < 100 else f"${amount:,.0f}"
