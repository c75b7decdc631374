"""The model catalogue: status, limits and prices, read from the dated models.yaml."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

import yaml

from sluicegate.asking.prices import Price, cost_usd
from sluicegate.faults import UsageFault
from sluicegate.media.limits import MEBIBYTE, Limits
from sluicegate.records import Usage


@dataclass(frozen=True, slots=True)
class Model:
    """One model of the catalogue, or one it does not know (no prices, default limits)."""

    name: str
    prices: tuple[Price, ...] = ()
    limits: Limits = field(default_factory=Limits)
    retires: date | None = None
    successor: str = ""
    sampling: bool = True  # False where temperature is ignored or refused
    note: str = ""
    known: bool = True

    def cost_usd(self, usage: Usage, on: date) -> Decimal | None:
        """Return the dollars of one response on a day; None where no price is known."""
        return cost_usd(usage, self.prices, on)

    def retired(self, on: date) -> bool:
        """Return whether the service has stopped serving this model by that day."""
        return self.retires is not None and on >= self.retires


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All models that the file knows."""

    as_of: date
    default: str
    models: dict[str, Model]

    def get(self, name: str) -> Model:
        """Return the model; one that is not listed gets default limits and no price."""
        return self.models.get(name) or Model(name, known=False)


@cache
def load_catalogue() -> Catalogue:
    """Read `models.yaml`, once a process."""
    text = resources.files(__package__).joinpath("models.yaml").read_text("utf-8")
    return parse_catalogue(yaml.safe_load(text))


def parse_catalogue(data: dict[str, Any]) -> Catalogue:
    """Build the catalogue from the file's content."""
    defaults = data["defaults"]
    share = Decimal(defaults["cached_share"])
    models = {
        name: Model(
            name=name,
            prices=tuple(_price(price, share) for price in entry["prices"]),
            limits=_limits({**defaults["limits"], **entry.get("limits", {})}),
            retires=entry.get("retires"),
            successor=entry.get("successor", ""),
            sampling=entry.get("sampling", True),
            note=entry.get("note", ""),
        )
        for name, entry in data["models"].items()
    }
    return Catalogue(data["as_of"], data["default"], models)


def choose_model(name: str, on: date, *, allow_retired: bool) -> tuple[Model, list[str]]:
    """Return the model to use and what to warn of.

    Raises UsageFault for a retired model, naming its successor, unless that is allowed.
    """
    catalogue = load_catalogue()
    model = catalogue.get(name or catalogue.default)
    warnings = []
    if not model.known:
        warnings.append(
            f"model {model.name!r} is not in the catalogue of {catalogue.as_of}: "
            "its cost cannot be computed and default limits are assumed"
        )
    if model.retired(on):
        message = f"model {model.name!r} was retired on {model.retires}"
        if not allow_retired:
            raise UsageFault(
                f"{message}; use --model={model.successor}, "
                "or --allow_retired_model=true if you know it still answers"
            )
        warnings.append(f"{message}; its successor is {model.successor!r}")
    elif model.retires is not None and (model.retires - on).days <= 90:
        warnings.append(
            f"model {model.name!r} retires on {model.retires}; its successor is {model.successor!r}"
        )
    if model.note:
        warnings.append(f"model {model.name!r}: {model.note}")
    return model, warnings


def _price(entry: dict[str, Any], share: Decimal) -> Price:
    return Price(
        input=Decimal(entry["input"]),
        output=Decimal(entry["output"]),
        cached_share=Decimal(entry.get("cached_share", share)),
        until=entry.get("until"),
        above=entry.get("above", 0),
    )


def _limits(entry: dict[str, int]) -> Limits:
    return Limits(
        pdf_bytes=entry["pdf_mib"] * MEBIBYTE,
        pdf_pages=entry["pdf_pages"],
        inline_image_bytes=entry["inline_image_mib"] * MEBIBYTE,
        referenced_image_bytes=entry["referenced_image_mib"] * MEBIBYTE,
        inline_request_bytes=entry["inline_request_mib"] * MEBIBYTE,
        images=entry["images"],
    )
