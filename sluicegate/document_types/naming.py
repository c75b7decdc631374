"""The name of a document type, where its file gives none."""

import re
from pathlib import PurePosixPath
from typing import Any, Final

# It stands in rows, failures and labels of jobs.
NAME: Final = re.compile(r"^[a-z][a-z0-9_]{0,62}$")
_WORD_BEGINS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def default_name(schema: dict[str, Any], source: str) -> str:
    """Return the schema's title as a name, `SupplierInvoice` as supplier_invoice.

    Without a title it is the name of the file at `source`, a path or URI.
    """
    for text in (schema.get("title"), PurePosixPath(source).stem):
        name = snake_case(text) if isinstance(text, str) else ""
        if NAME.fullmatch(name):
            return name
    return "document"


def snake_case(text: str) -> str:
    """Return a text as small letters, digits and _, from a letter on, at most 63; or ""."""
    words = _WORD_BEGINS.sub("_", text)
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).lstrip("_0123456789")[:63].strip("_")
