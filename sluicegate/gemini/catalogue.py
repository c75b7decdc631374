"""The model catalogue: status, limits and prices, read from the dated models.yaml."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml

from sluicegate.asking.prices import Price, cost_usd
from sluicegate.asking.response import Response
from sluicegate.faults import UsageFault
from sluicegate.formats.limits import MEBIBYTE, Limits
from sluicegate.records import Usage

SERVICES = ("developer", "vertex")
# How a model is told to think: by a level (3.x, which take a budget too), by a budget alone (2.5),
# or not at all.
Thinking = Literal["level", "budget", "none"]
TIERS = ("standard", "flex", "batch")  # that can be asked for
# What served a response, by what it says: Vertex AI's trafficType, the Developer API's serviceTier.
_SERVED = {"FLEX": "flex", "PRIORITY": "priority", "BATCH": "batch", "PROVISIONED": "provisioned"}


def tier_of(traffic_type: str) -> str:
    """Return the tier that served a response; "standard" where it says nothing else."""
    said = traffic_type.upper()
    return next((tier for word, tier in _SERVED.items() if word in said), "standard")


@dataclass(frozen=True, slots=True)
class Model:
    """One model of the catalogue, or one it does not know (no prices, default limits)."""

    name: str
    prices: tuple[Price, ...] = ()
    limits: Limits = field(default_factory=Limits)
    retires: date | None = None
    successor: str = ""
    sampling: bool = True  # False where temperature is ignored or refused
    thinking: Thinking | None = None  # None: not known, all is sent
    tiers: tuple[tuple[str, Decimal], ...] = ()  # prices as a share of the standard tier's
    page_tokens: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] = ()  # by kind and resolution
    unlisted: tuple[str, ...] = ()  # tiers that the service does not name the model for
    note: str = ""
    known: bool = True

    def tokens_of_page(self, kind: Literal["pdf", "image"], resolution: str) -> int:
        """Return the prompt tokens of a page of a PDF, or of an image; 0 where nothing is known."""
        known = dict(dict(self.page_tokens).get(kind, ()))
        return known.get(resolution) or known.get("default", 0)

    def cost_usd(self, usage: Usage, on: date, tier: str = "standard") -> Decimal | None:
        """Return the dollars of one response on a day, by the tier that served it.

        None where no price is known.
        """
        share = Decimal(1) if tier == "standard" else dict(self.tiers).get(tier)
        return None if share is None else cost_usd(usage, self.prices, on, share)

    def cost_of(self, response: Response, today: date) -> Decimal | None:
        """Return the dollars of a response at the tier that served it and the day it did.

        A response that does not say when it was served is priced as one of `today`.
        """
        on = date.fromisoformat(response.served_at[:10]) if response.served_at else today
        return self.cost_usd(response.usage, on, response.tier or tier_of(response.traffic_type))

    def takes(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return those of a document type's generation parameters that this model takes.

        The others are left out of the request; they stay in its identity, which is what was asked.
        """
        refused = set() if self.sampling else {"temperature"}
        if self.thinking == "budget":
            refused.add("thinking_level")
        elif self.thinking == "none":
            refused |= {"thinking_level", "thinking_budget"}
        return {name: value for name, value in parameters.items() if name not in refused}

    def retired(self, on: date) -> bool:
        """Return whether the service has stopped serving this model by that day."""
        return self.retires is not None and on >= self.retires


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All models that the file knows."""

    as_of: date
    default: str
    models: dict[str, Model]  # as the Developer API serves them
    on_vertex: dict[str, Model] = field(default_factory=dict)
    unknown: dict[str, Limits] = field(default_factory=dict)  # limits by service

    def get(self, name: str, service: str = "developer") -> Model:
        """Return the model; one that is not listed gets default limits and no price."""
        models = self.on_vertex if service == "vertex" else self.models
        limits = self.unknown.get(service) or Limits()
        return models.get(name) or Model(name, limits=limits, known=False)


@cache
def load_catalogue() -> Catalogue:
    """Read `models.yaml`, once a process."""
    text = resources.files(__package__).joinpath("models.yaml").read_text("utf-8")
    return parse_catalogue(yaml.safe_load(text))


def parse_catalogue(data: dict[str, Any]) -> Catalogue:
    """Build the catalogue from the file's content.

    What a service has of its own, in general or for a model, goes before what holds for both.
    """
    defaults, entries = data["defaults"], data["models"]
    limits = {
        service: {**defaults["limits"], **defaults.get(service, {}).get("limits", {})}
        for service in SERVICES
    }
    developer, vertex = (
        {name: _model(name, entry, service, defaults, limits[service]) for name, entry in
         entries.items()}
        for service in SERVICES
    )  # fmt: skip
    unknown = {service: _limits(entry) for service, entry in limits.items()}
    return Catalogue(data["as_of"], data["default"], developer, vertex, unknown)


def _model(
    name: str, entry: dict[str, Any], service: str, defaults: dict[str, Any], limits: dict[str, int]
) -> Model:
    own = entry.get(service, {})
    limits = {**limits, **entry.get("limits", {}), **own.get("limits", {})}
    levels = (defaults, defaults.get(service, {}), entry, own)
    tiers = {tier: part for level in levels for tier, part in level.get("tiers", {}).items()}
    entry = {**entry, **own}
    share = Decimal(defaults["cached_share"])
    return Model(
        name=name,
        prices=tuple(_price(price, share) for price in entry["prices"]),
        limits=_limits(limits),
        retires=entry.get("retires"),
        successor=entry.get("successor", ""),
        sampling=entry.get("sampling", True),
        thinking=entry.get("thinking"),
        tiers=tuple((tier, Decimal(part)) for tier, part in tiers.items()),
        page_tokens=tuple(
            (kind, tuple(known.items()))
            for kind, known in entry.get("page_tokens", defaults.get("page_tokens", {})).items()
        ),
        unlisted=tuple(entry.get("unlisted", ())),
        note=entry.get("note", ""),
    )


def choose_model(
    name: str, on: date, *, allow_retired: bool, service: str = "developer"
) -> tuple[Model, list[str]]:
    """Return the model to use, as that service serves it, and what to warn of.

    Raises UsageFault for a retired model, naming its successor, unless that is allowed.
    """
    catalogue = load_catalogue()
    model = catalogue.get(name or catalogue.default, service)
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
