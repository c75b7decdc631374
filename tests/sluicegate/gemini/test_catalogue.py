"""Prices, limits and status come from one dated file."""

from datetime import date
from decimal import Decimal

import pytest
import yaml

from sluicegate.asking.response import Response
from sluicegate.faults import UsageFault
from sluicegate.formats.limits import MEBIBYTE, Limits
from sluicegate.gemini.catalogue import (
    choose_model,
    load_catalogue,
    parse_catalogue,
    tier_of,
)
from sluicegate.records import Usage

CATALOGUE = load_catalogue()
TODAY = CATALOGUE.as_of
MILLION = 10**6
USUAL = Usage(prompt_tokens=1_000, output_tokens=MILLION)


def test_a_cost_has_nine_decimals() -> None:
    """As NUMERIC has."""
    model = CATALOGUE.get("gemini-3.1-flash-lite")
    cost = model.cost_usd(Usage(1, 0, 1, 0), TODAY)
    assert cost == Decimal("0.00000175")
    assert cost.as_tuple().exponent == -9


@pytest.mark.parametrize(
    ("day", "output_price"),
    [(date(2026, 11, 23), "3.75"), (date(2026, 12, 31), "3.75"), (date(2027, 1, 1), "7.50")],
)
def test_a_price_holds_until_its_last_day(day: date, output_price: str) -> None:
    """The introductory price ends with its last day."""
    usage = Usage(output_tokens=MILLION)
    assert CATALOGUE.get("gemini-3.8-flash").cost_usd(usage, day) == Decimal(output_price)


@pytest.mark.parametrize(
    ("prompt", "input_price", "output_price"),
    [(100_000, "2", "12"), (200_000, "2", "12"), (200_001, "4", "18"), (900_000, "4", "18")],
)
def test_a_long_prompt_has_a_price_of_its_own(
    prompt: int, input_price: str, output_price: str
) -> None:
    """Up to and with 200,000 tokens the lower price holds for prompt and answer."""
    usage = Usage(prompt_tokens=prompt, output_tokens=MILLION)
    expected = prompt * Decimal(input_price) / MILLION + Decimal(output_price)
    assert CATALOGUE.get("gemini-3.1-pro-preview").cost_usd(usage, TODAY) == expected


def test_an_unknown_price_is_none_and_not_zero() -> None:
    """Of a model that is not listed, and of one without a price."""
    assert CATALOGUE.get("gemini-99").cost_usd(USUAL, TODAY) is None
    assert CATALOGUE.get("gemini-2.0-flash").cost_usd(USUAL, TODAY) is None


def test_an_unknown_model_has_default_limits() -> None:
    """It may be used, and is said to be unknown."""
    model = CATALOGUE.get("gemini-99", "vertex")
    assert (model.name, model.known, model.limits) == ("gemini-99", False, Limits())
    assert CATALOGUE.get("gemini-99").limits == CATALOGUE.get("gemini-3.5-flash").limits
    _, warnings = choose_model("gemini-99", TODAY, allow_retired=False)
    assert "gemini-99" in warnings[0]


@pytest.mark.parametrize("name", sorted(CATALOGUE.models))
def test_every_model_is_whole(name: str) -> None:
    """Name, positive prices, sane limits, and a successor that is there where it retires."""
    model = CATALOGUE.models[name]
    assert model.name == name
    assert model.known
    assert all(p.input > 0 and p.output > p.input and 0 < p.cached_share <= 1 for p in model.prices)
    assert 1 * MEBIBYTE < model.limits.inline_image_bytes <= model.limits.inline_request_bytes
    assert model.limits.pdf_pages >= 1000
    if model.retires:
        assert model.successor in CATALOGUE.models
    if not model.retired(TODAY):
        assert model.cost_usd(USUAL, TODAY) is not None
    # The last price of a list holds for ever and for every prompt.
    assert all(p.until is None for p in model.prices[-1:])
    assert all(p.above == 0 for p in model.prices[-1:])


@pytest.mark.parametrize("name", sorted(CATALOGUE.models))
def test_no_successor_is_retired_before_its_predecessor(name: str) -> None:
    """Whoever is sent on is not sent into another wall."""
    model = CATALOGUE.models[name]
    successor = CATALOGUE.models.get(model.successor)
    if successor and successor.retires and model.retires:
        assert successor.retires > max(model.retires, TODAY)


def test_the_default_is_the_cheapest_that_lasts() -> None:
    """Current, not retired, and none of the 2.5 models, which are leaving."""
    usage = Usage(prompt_tokens=1_000, output_tokens=500)
    costs = {
        name: cost
        for name, model in CATALOGUE.models.items()
        if not model.retired(TODAY)
        and "-2.5-" not in name
        and (cost := model.cost_usd(usage, TODAY)) is not None
    }
    assert CATALOGUE.default == min(costs, key=lambda name: costs[name])
    chosen, warnings = choose_model("", TODAY, allow_retired=False)
    assert (chosen.name, warnings) == (CATALOGUE.default, [])


def test_a_retired_model_is_refused_with_its_successor() -> None:
    """On its first day without service, unless that is allowed."""
    with pytest.raises(UsageFault, match=r"--model=gemini-3\.5-flash-lite"):
        choose_model("gemini-2.5-flash", date(2026, 12, 1), allow_retired=False)
    model, warnings = choose_model("gemini-2.5-flash", date(2026, 12, 1), allow_retired=True)
    assert model.name == "gemini-2.5-flash"
    assert "retired on 2026-12-01" in warnings[0]


@pytest.mark.parametrize(("days_before", "warned"), [(1, True), (90, True), (91, False)])
def test_a_retirement_is_announced(days_before: int, *, warned: bool) -> None:
    """Three months ahead."""
    day = date.fromordinal(date(2027, 5, 7).toordinal() - days_before)
    _, warnings = choose_model("gemini-3.1-flash-lite", day, allow_retired=False)
    assert bool(warnings) is warned
    assert not warned or "2027-05-07" in warnings[0]


def test_notes_are_warnings() -> None:
    """What the file remarks on a model is said when it is chosen."""
    _, warnings = choose_model("gemini-2.5-flash-lite", TODAY, allow_retired=False)
    assert any("Vertex AI" in warning for warning in warnings)


def test_a_catalogue_has_defaults_and_exceptions() -> None:
    """Each model's entry goes before the defaults."""
    data = yaml.safe_load(
        """
as_of: 2026-01-01
default: a
defaults:
  cached_share: "0.25"
  limits: {pdf_mib: 50, pdf_pages: 1000, inline_image_mib: 7, referenced_image_mib: 30,
           inline_request_mib: 20, images: 3000}
models:
  a: {prices: [{input: "1", output: "2"}]}
  b: {prices: [{input: "1", output: "2", cached_share: "0.5"}], limits: {pdf_pages: 7},
      sampling: false}
"""
    )
    catalogue = parse_catalogue(data)
    a, b = catalogue.models["a"], catalogue.models["b"]
    assert (a.prices[0].cached_share, b.prices[0].cached_share) == (Decimal("0.25"), Decimal("0.5"))
    assert (a.limits.pdf_pages, b.limits.pdf_pages) == (1000, 7)
    assert b.limits.pdf_bytes == 50 * MEBIBYTE
    assert (a.sampling, b.sampling) == (True, False)


def test_limits_are_by_service() -> None:
    """The Developer API takes 100 MB a request and bounds no image; Vertex AI does."""
    developer = CATALOGUE.get("gemini-3.1-flash-lite").limits
    vertex = CATALOGUE.get("gemini-3.1-flash-lite", "vertex").limits
    assert developer.inline_request_bytes == 100 * MEBIBYTE
    assert developer.inline_image_bytes > 8 * MEBIBYTE
    assert vertex.inline_request_bytes == 20 * MEBIBYTE
    assert vertex.inline_image_bytes == 7 * MEBIBYTE
    assert developer.pdf_bytes == vertex.pdf_bytes == 50 * MEBIBYTE


@pytest.mark.parametrize("name", ["gemini-2.5-pro", "gemini-2.5-flash"])
def test_a_model_retires_by_service(name: str) -> None:
    """Withdrawn from Vertex AI, while the Developer API still has it."""
    chosen, warnings = choose_model(name, TODAY, allow_retired=False)
    assert chosen.retires == date(2026, 12, 1)
    assert any("2026-12-01" in warning for warning in warnings)
    with pytest.raises(UsageFault, match="2026-10-16"):
        choose_model(name, TODAY, allow_retired=False, service="vertex")
    _, warnings = choose_model(name, TODAY, allow_retired=True, service="vertex")
    assert any("withdrawn" in warning for warning in warnings)


@pytest.mark.parametrize(
    ("name", "price"),
    [
        ("gemini-3.6-flash", "9.00"),
        ("gemini-3.7-flash", "4.50"),
        ("gemini-3-flash-preview", "3.50"),
    ],
)
def test_models_of_the_year_have_prices(name: str, price: str) -> None:
    """A million tokens in and a million out."""
    usage = Usage(1_000_000, 0, 1_000_000, 0)
    assert CATALOGUE.get(name).cost_usd(usage, TODAY) == Decimal(price)


@pytest.mark.parametrize("name", sorted(CATALOGUE.models))
def test_no_model_from_three_on_is_sent_a_temperature(name: str) -> None:
    """It is ignored or degrades the answer, and is announced to be refused."""
    taken = CATALOGUE.models[name].takes({"temperature": 0.0, "thinking_budget": 0})
    assert ("temperature" in taken) is name.startswith(("gemini-1", "gemini-2"))
    assert "thinking_budget" in taken


@pytest.mark.parametrize(
    ("said", "tier"),
    [
        ("", "standard"),
        ("ON_DEMAND", "standard"),
        ("standard", "standard"),
        ("ON_DEMAND_FLEX", "flex"),
        ("flex", "flex"),
        ("ON_DEMAND_PRIORITY", "priority"),
        ("PROVISIONED_THROUGHPUT", "provisioned"),
    ],
)
def test_the_tier_that_served_is_known_by_its_name(said: str, tier: str) -> None:
    """Of either service."""
    assert tier_of(said) == tier


def test_prices_are_by_tier() -> None:
    """Half for flex and batch, cached tokens as ever; none is known for what is bought ahead."""
    usage = Usage(2_000_000, 1_000_000, 1_000_000, 0)
    model = CATALOGUE.get("gemini-3.1-flash-lite")
    cached = Decimal("0.025")
    assert model.cost_usd(usage, TODAY) == Decimal("1.75") + cached
    assert model.cost_usd(usage, TODAY, "flex") == Decimal("0.875") + cached
    assert model.cost_usd(usage, TODAY, "batch") == Decimal("0.875") + cached
    assert model.cost_usd(usage, TODAY, "priority") == Decimal("3.15") + cached
    assert model.cost_usd(usage, TODAY, "provisioned") is None


@pytest.mark.parametrize(
    ("served_at", "tier", "traffic_type", "dollars"),
    [
        ("2026-12-31T23:59:59+00:00", "standard", "ON_DEMAND", "3.75"),
        ("2027-01-01T00:00:00+00:00", "standard", "ON_DEMAND", "7.50"),
        ("2026-12-31T23:59:59+00:00", "flex", "ON_DEMAND_FLEX", "1.875"),
        # Of an entry of the journal that an earlier version wrote.
        ("", "", "ON_DEMAND", "3.75"),
        ("", "", "ON_DEMAND_FLEX", "1.875"),
        ("", "", "", "3.75"),
    ],
)
def test_a_response_is_priced_by_the_day_and_the_tier_that_served_it(
    served_at: str, tier: str, traffic_type: str, dollars: str
) -> None:
    """Not by the day on which it is counted, nor by the tier that it was asked for at."""
    response = Response(
        "", "STOP", usage=Usage(output_tokens=1_000_000), traffic_type=traffic_type, tier=tier,
        served_at=served_at, asked_tier="flex",
    )  # fmt: skip
    today = date(2027, 6, 1) if served_at else TODAY
    assert CATALOGUE.get("gemini-3.8-flash").cost_of(response, today) == Decimal(dollars)


def test_a_service_and_a_model_may_have_shares_of_their_own() -> None:
    """The model's go before the service's, and those before what holds for all."""
    data = {
        "as_of": TODAY,
        "default": "m",
        "defaults": {
            "cached_share": "0.1",
            "tiers": {"flex": "0.5", "batch": "0.5"},
            "limits": yaml.safe_load(
                "{pdf_mib: 50, pdf_pages: 9, inline_image_mib: 7, referenced_image_mib: 30, "
                "inline_request_mib: 20, images: 3}"
            ),
            "vertex": {"tiers": {"flex": "0.6"}},
        },
        "models": {
            "m": {"prices": [], "tiers": {"batch": "0.4"}},
            "n": {"prices": [], "vertex": {"tiers": {"flex": "0.7"}}},
        },
    }
    found = parse_catalogue(data)
    shares = {"flex": Decimal("0.5"), "batch": Decimal("0.4")}
    assert dict(found.get("m").tiers) == shares
    assert dict(found.get("m", "vertex").tiers) == {**shares, "flex": Decimal("0.6")}
    assert dict(found.get("n").tiers)["flex"] == Decimal("0.5")
    assert dict(found.get("n", "vertex").tiers)["flex"] == Decimal("0.7")
