"""What a property of a wanted answer asks for, by the words of its name."""

import functools
import re

# Concept to the sets of words of which one must be in the property's name; first that fits wins.
_RULES: tuple[tuple[str, str], ...] = (
    ("items", "items | lines | positions | products | articles | entries | line items"),
    ("due_date", "due date | date due | payment due | pay by | due"),
    ("amount_due", "amount due | balance due | balance | outstanding"),
    (
        "buyer_address",
        "buyer address | customer address | client address | billing address | recipient address",
    ),
    (
        "vendor_address",
        """vendor address | merchant address | seller address | supplier address | store address |
        issuer address | shop address | company address | address | location""",
    ),
    ("other", "tax id | vat id | tax number | vat number | registration | phone | email | iban"),
    ("tax", "tax | vat | gst | mwst | tva | iva | btw | taxes"),
    ("net", "subtotal | net | sub total | before tax | taxable"),
    ("payment", "payment method | payment type | payment | paid by | paid with | tender"),
    ("other", "order | customer number | customer id | purchase order | tip | discount | time"),
    (
        "number",
        """invoice id | invoice number | receipt number | receipt id | document number | number |
        document id | bill number | invoice no | receipt no | id | credit note number | no""",
    ),
    ("date", "date | purchased | issued | day | purchased on | issued on | purchased at"),
    ("currency", "currency | currency code"),
    ("buyer", "buyer | customer | client | recipient | billed to | bill to"),
    (
        "vendor",
        "vendor | merchant | seller | supplier | store | shop | issuer | company | retailer",
    ),
    ("total", "total | amount | gross | grand total | sum | price | paid"),
    ("kind", "document type | kind | type"),
)
_ITEM_RULES: tuple[tuple[str, str], ...] = (
    ("price", "unit price | price each | unit cost | unit amount | price per unit | rate"),
    ("quantity", "quantity | qty | count | units | number of"),
    ("code", "code | sku | article number | item number | id | product code"),
    ("total", "total | amount | price | line total | sum | cost | value | gross | net"),
    ("description", "description | name | item | product | article | title | text | label"),
)


@functools.lru_cache(maxsize=4096)
def concept(path: tuple[str, ...]) -> str | None:
    """Return the concept of a property of the document, given the names from the root to it."""
    words = [word for name in path for word in split_name(name)]
    return _first(_RULES, words) or (
        "vendor" if words and words[-1] in {"name", "title"} and len(words) == 1 else None
    )


@functools.lru_cache(maxsize=4096)
def item_concept(name: str) -> str | None:
    """Return the concept of a property of a line item."""
    return _first(_ITEM_RULES, split_name(name))


def split_name(name: str) -> list[str]:
    """Split a property's name into lower-case words: camelCase, snake_case and kebab-case."""
    return (
        re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
        .replace("_", " ")
        .replace("-", " ")
        .lower()
        .split()
    )


def _first(rules: tuple[tuple[str, str], ...], words: list[str]) -> str | None:
    for found, listed in rules:
        for phrase in listed.split("|"):
            wanted = phrase.split()
            if all(word in words for word in wanted):
                return found
    return None
