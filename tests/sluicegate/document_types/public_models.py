"""Pydantic models in the style of public ones, each with an answer as a model would give it."""

from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal, Optional

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, condecimal


class Money(BaseModel):
    """An amount in a currency, as payment services write it."""

    value: Decimal
    currency: str = Field(pattern="^[A-Z]{3}$")


class Address(BaseModel):
    """A postal address."""

    street: str
    city: str
    postal_code: str | None = None
    country: str | None = Field(None, description="Two letters, ISO 3166", max_length=2)


class Party(BaseModel):
    """Who sells, or who buys."""

    name: str = Field(min_length=1)
    tax_id: str | None = None
    address: Address | None = None


class SupplierInvoice(BaseModel):
    """The invoice of an accounts payable tutorial: nested parties, Decimal amounts."""

    class Line(BaseModel):
        """A line."""

        description: str
        quantity: Decimal = Field(Decimal(1), gt=0)
        unit_price: Decimal | None = None
        amount: Decimal = Field(description="Net amount of the line")

    number: str = Field(description="Invoice number as printed")
    issued_on: date
    due_on: date | None = None
    seller: Party
    buyer: Party | None = None
    lines: list[Line] = Field(default_factory=list)
    total: Decimal = Field(description="With tax", max_digits=12, decimal_places=2)


class EInvoice(BaseModel):
    """An e-invoice of the European kind: codes, tax subtotals, forbidden extras."""

    model_config = ConfigDict(extra="forbid", title="EuropeanInvoice")

    class TypeCode(str, Enum):  # noqa: UP042 - as people write it
        """UNCL 1001."""

        INVOICE = "380"
        CREDIT_NOTE = "381"

    class TaxSubtotal(BaseModel):
        """A rate and what falls under it."""

        category: Literal["S", "Z", "E", "AE"]
        rate: Annotated[Decimal, Field(ge=0, le=100)]
        taxable: Decimal
        tax: Decimal

    invoice_number: str
    type_code: TypeCode = TypeCode.INVOICE
    issue_date: date
    currency: Literal["EUR"] = "EUR"
    buyer_reference: Optional[str]  # noqa: UP045 - as people write it
    tax_subtotals: list[TaxSubtotal] = Field(min_length=1)
    payable: Decimal


class ExpenseReceipt(BaseModel):
    """The receipt of an expense tool: time, tip, a set of tags."""

    class Category(str, Enum):  # noqa: UP042 - as people write it
        """What it was spent on."""

        meals = "meals"
        travel = "travel"
        other = "other"

    merchant: str | None = Field(None, description="Name at the top")
    bought_on: date | None = None
    bought_at: time | None = None
    category: Category | None = None
    total: condecimal(ge=0, multiple_of=Decimal("0.01"))  # type: ignore[valid-type]
    tip: Decimal | None = Field(None, ge=0)
    tags: set[str] = set()


class BankStatement(BaseModel):
    """A statement with signed bookings and both balances."""

    class Booking(BaseModel):
        """One booking."""

        booked_on: date
        value_date: date | None = None
        text: str = ""
        amount: Decimal = Field(description="Negative for a debit")
        balance: Decimal | None = None

    iban: str = Field(pattern=r"^[A-Z]{2}\d{2}[A-Z0-9]{10,30}$")
    opening_balance: Decimal
    closing_balance: Decimal
    bookings: list[Booking]
    page_count: PositiveInt | None = None


class CardCharge(BaseModel):
    """The charge of a payment service: money as an object, moments with a zone."""

    id: str
    created: datetime
    amount: Money
    fee: Money | None = None
    status: Literal["succeeded", "pending", "failed"]
    refunded: bool = False


class PurchaseOrder(BaseModel):
    """An order: several addresses, whole quantities."""

    class Item(BaseModel):
        """An article."""

        sku: str = Field(max_length=40)
        quantity: int = Field(gt=0, multiple_of=1)
        price: float | None = None

    order_no: str
    ship_to: Address
    bill_to: Address | None = None
    items: list[Item] = Field(max_length=500)


class UtilityBill(BaseModel):
    """A bill with meters; an alias that is a column's name."""

    class Reading(BaseModel):
        """A meter's reading."""

        meter: str
        before: float
        after: float = Field(examples=[10423.5])

    customer: str = Field(alias="customerNumber")
    period_from: date = Field(alias="periodFrom")
    readings: list[Reading] = Field([], alias="meterReadings")
    due: Decimal = Field(alias="amountDue", deprecated=False)


class PaySlip(BaseModel):
    """A pay slip: int or float, a dictionary made a list."""

    class Element(BaseModel):
        """A named amount, in place of a dict."""

        name: str
        amount: Decimal

    employee: str
    month: int = Field(ge=1, le=12)
    hours: int | float | None = None
    elements: list[Element] = []
    net_pay: Decimal


class HotelFolio(BaseModel):
    """A folio: moments, nights, a rating from an IntEnum."""

    class Stars(IntEnum):
        """Of the house."""

        three = 3
        four = 4
        five = 5

    guest: str | None
    arrival: datetime
    nights: Annotated[int, Field(ge=1)]
    stars: Stars | None = None
    charges: list[Decimal] = []
    total: Decimal


class CreditNote(BaseModel):
    """A credit note that refers to invoices."""

    number: str
    invoices: list[str] = Field(default_factory=list, description="Numbers of the invoices")
    reason: Literal["return", "price", "error"] | None = None
    amount: Decimal = Field(lt=0)


class FuelReceipt(BaseModel):
    """A pump's slip: quantities with decimals, a constant."""

    kind: Literal["fuel"] = "fuel"
    litres: Decimal = Field(gt=0, decimal_places=3)
    price_per_litre: Decimal | None = Field(None, gt=0, lt=10)
    total: Decimal


class DeliveryNote(BaseModel):
    """A note with nested packages."""

    class Package(BaseModel):
        """A package and what is in it."""

        class Content(BaseModel):
            """An article."""

            name: str
            pieces: int | None = None

        tracking: str
        weight_kg: float = Field(gt=0, le=1000)
        contents: list[Content] = []

    note: str
    delivered: date | None = None
    packages: list[Package]


# Model to an answer that a service gives: numbers are JSON numbers, null for what is not printed.
ANSWERS: dict[type[BaseModel], dict[str, Any]] = {
    SupplierInvoice: {
        "number": "A-1", "issued_on": "2026-03-01", "due_on": None,
        "seller": {"name": "Acme", "tax_id": None,
                   "address": {"street": "Main 1", "city": "Ulm", "country": "DE"}},
        "buyer": {"name": None, "tax_id": None, "address": None},
        "lines": [{"description": "Bolt", "quantity": 2, "unit_price": 1.25, "amount": 2.5}],
        "total": 2.98,
    },
    EInvoice: {
        "invoice_number": "9", "type_code": "381", "issue_date": "2026-01-31", "currency": "EUR",
        "buyer_reference": None, "payable": 119,
        "tax_subtotals": [{"category": "S", "rate": 19, "taxable": 100, "tax": 19}],
    },
    ExpenseReceipt: {
        "merchant": "Corner Café", "bought_on": "2026-02-03", "bought_at": "12:44",
        "category": "meals", "total": 16.97, "tip": 3, "tags": ["lunch", "lunch", "team"],
    },
    BankStatement: {
        "iban": "DE02120300000000202051", "opening_balance": 10.5, "closing_balance": -4,
        "bookings": [{"booked_on": "2026-05-01", "value_date": None, "text": "Rent",
                      "amount": -14.5, "balance": -4}],
        "page_count": 3,
    },
    CardCharge: {
        "id": "ch_1", "created": "2026-06-01T10:00:00+02:00",
        "amount": {"value": 12.5, "currency": "USD"}, "fee": {"value": None, "currency": None},
        "status": "succeeded", "refunded": True,
    },
    PurchaseOrder: {
        "order_no": "PO-7", "ship_to": {"street": "Kai 3", "city": "Kiel", "country": None},
        "bill_to": None, "items": [{"sku": "x", "quantity": 3, "price": 0.1}],
    },
    UtilityBill: {
        "customerNumber": "77", "periodFrom": "2026-01-01", "amountDue": 81.4,
        "meterReadings": [{"meter": "E1", "before": 10, "after": 42.5}],
    },
    PaySlip: {
        "employee": "N. N.", "month": 12, "hours": 160.5, "net_pay": 2100.1,
        "elements": [{"name": "base", "amount": 3000}, {"name": "tax", "amount": -899.9}],
    },
    HotelFolio: {
        "guest": None, "arrival": "2026-07-01T15:00:00Z", "nights": 2, "stars": 4,
        "charges": [100, 20.5], "total": 120.5,
    },
    CreditNote: {"number": "C-1", "invoices": ["A-1"], "reason": "return", "amount": -2.98},
    FuelReceipt: {"kind": "fuel", "litres": 41.237, "price_per_litre": 1.759, "total": 72.54},
    DeliveryNote: {
        "note": "D1", "delivered": "2026-08-09",
        "packages": [{"tracking": "T", "weight_kg": 2.25,
                      "contents": [{"name": "Bolt", "pieces": None}]}],
    },
}  # fmt: skip
