"""Answers have the shape that a schema asks for, in either dialect."""

from decimal import Decimal
from typing import Any

from emulators.reader.answer import answer
from emulators.reader.facts import gather
from emulators.reader.reading import Reading
from tests.emulators.typed_pages import typed

SLIP = """
CORNER CAFE
12 Main St, Springfield, IL 62701
Receipt No: 004512
03/15/2026 12:44 PM

2 Cappuccino            9.00
Bagel                   2.50
Subtotal               11.50
Tax                     1.22
Total                 $12.72
VISA ****1234         $12.72
"""
ORDER = "Globex Ltd\nPURCHASE ORDER\nPO Number: 4500123\nDate: 2026-03-01\nTotal  10.00"

INVOICE: dict[str, Any] = {
    "type": "OBJECT",
    "properties": {
        "invoice_id": {"type": "STRING"},
        "vendor_name": {"type": "STRING"},
        "invoice_date": {"type": "STRING", "format": "date", "nullable": True},
        "currency": {"type": "STRING", "nullable": True},
        "total_amount": {"anyOf": [{"type": "NUMBER"}, {"type": "STRING"}]},
        "line_items": {
            "type": "ARRAY",
            "items": {
                "type": "OBJECT",
                "properties": {
                    "description": {"type": "STRING"},
                    "quantity": {"type": "NUMBER", "nullable": True},
                    "total": {"type": "NUMBER"},
                },
            },
        },
    },
    "required": ["invoice_id", "vendor_name", "total_amount"],
}
RECEIPT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "receipt_number": {"type": "string"},
        "merchant_name": {"type": "string"},
        "merchant_address": {"type": ["string", "null"]},
        "purchased_on": {"type": "string", "format": "date"},
        "currency": {"enum": ["USD", "EUR"]},
        "total": {"type": "number"},
        "tax": {"type": ["number", "null"]},
        "payment_method": {"type": "string", "enum": ["cash", "card", "other"]},
        "items": {"type": "array", "items": {"$ref": "#/$defs/Item"}},
    },
    "$defs": {
        "Item": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "quantity": {"anyOf": [{"type": "number"}, {"type": "null"}]},
                "price": {"type": "number"},
            },
        }
    },
}


def fill(text: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Read a typed page into an answer."""
    reading = Reading([typed(text)])
    return answer(reading, gather(reading), schema)


def test_an_invoice_is_filled_in_the_openapi_dialect() -> None:
    """Money is Decimal, dates are ISO, upper-case types are understood."""
    assert fill(SLIP, INVOICE) == {
        "invoice_id": "004512",
        "vendor_name": "CORNER CAFE",
        "invoice_date": "2026-03-15",
        "currency": "USD",
        "total_amount": Decimal("12.72"),
        "line_items": [
            {"description": "Cappuccino", "quantity": Decimal(2), "total": Decimal("9.00")},
            {"description": "Bagel", "quantity": None, "total": Decimal("2.50")},
        ],
    }


def test_a_receipt_is_filled_by_the_names_of_its_properties() -> None:
    """Synonyms, references, enums and nullable types in the JSON Schema dialect."""
    assert fill(SLIP, RECEIPT) == {
        "receipt_number": "004512",
        "merchant_name": "CORNER CAFE",
        "merchant_address": "12 Main St, Springfield, IL 62701",
        "purchased_on": "2026-03-15",
        "currency": "USD",
        "total": Decimal("12.72"),
        "tax": Decimal("1.22"),
        "payment_method": "card",
        "items": [
            {"name": "Cappuccino", "quantity": Decimal(2), "price": Decimal("9.00")},
            {"name": "Bagel", "quantity": None, "price": Decimal("2.50")},
        ],
    }


def test_an_order_has_no_invoice_in_it() -> None:
    """Everything is null, and there are no lines."""
    assert fill(ORDER, INVOICE) == {
        "invoice_id": None,
        "vendor_name": None,
        "invoice_date": None,
        "currency": None,
        "total_amount": None,
        "line_items": [],
    }


def test_where_null_is_not_allowed_a_neutral_value_stands() -> None:
    """Other schemas get a value of the right type, enums one of their options."""
    found = fill(ORDER, RECEIPT)
    assert found["receipt_number"] == ""
    assert found["merchant_address"] is None
    assert found["total"] == 0
    assert found["payment_method"] == "other"
    assert found["items"] == []


def test_nested_objects_and_numbers_as_text_are_filled() -> None:
    """The names on the way to a property count, and types are kept."""
    schema = {
        "type": "object",
        "properties": {
            "seller": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "address": {"type": "string"}},
            },
            "summary": {
                "type": "object",
                "properties": {
                    "grandTotal": {"type": "string"},
                    "subtotal": {"type": "integer"},
                },
            },
        },
    }
    assert fill(SLIP, schema) == {
        "seller": {"name": "CORNER CAFE", "address": "12 Main St, Springfield, IL 62701"},
        "summary": {"grandTotal": "12.72", "subtotal": 12},
    }
