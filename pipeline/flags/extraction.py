"""Flags of `run`: what is extracted, by which model."""

from dataclasses import dataclass
from functools import partial
from typing import Literal, get_args

from pipeline.flags.flag import Form, flag
from pipeline.flags.kinds import Boolean, Choice, Names, Text, Whole
from sluicegate.document_types.long import WINDOW_PAGES, WINDOW_PAGES_OF_STATEMENTS, Incomplete
from sluicegate.document_types.many import Records
from sluicegate.gemini.catalogue import load_catalogue

_MODEL = "[a-z0-9][a-z0-9.-]+"

_flag = partial(flag, group="what is extracted, by which model")


@dataclass(frozen=True, kw_only=True)
class ExtractionFlags:
    """Which document type, which models."""

    document_type: str = _flag(
        Text(),
        "'invoice', 'receipt', 'bank_statement', or a YAML file, local or gs://, that defines "
        "another.",
        default="invoice",
        metavar="NAME|FILE",
        example="gs://my-bucket/types/receipt.yaml",
        form=Form(regexes=(r"^([a-z][a-z0-9_]*|gs://.+\.ya?ml)$",)),
    )
    records: Records | Literal[""] = _flag(  # noqa: RUF009 - it returns a field
        Text(("one", "many").__contains__, wanted="use one or many"),
        "How many records a document holds: one or many. The type's schema is that of one record.",
        otherwise="as the document type says; of the built-in ones, one",
        metavar="one|many",
        form=Form(parent="document_type", regexes=("^(one|many)$",)),
    )
    window_pages: int | None = _flag(
        Whole(0, 1000),
        "Pages that one call is asked about: a longer document is asked about in windows of so "
        "many, each paid once, and the answers are put together. 0: documents are sent whole.",
        otherwise=f"as the document type says; of the built-in ones, {WINDOW_PAGES}, and "
        f"{WINDOW_PAGES_OF_STATEMENTS} of bank_statement",
        form=Form(parent="document_type"),
    )
    incomplete: Incomplete | Literal[""] = _flag(  # noqa: RUF009 - it returns a field
        Text(get_args(Incomplete).__contains__, wanted="use warn, reask or fail"),
        "What happens to an answer that lacks what its pages have (lines, pages, a sum that does "
        "not add up). warn: its rows say so. reask: the pages are asked about again in smaller "
        "windows, which is paid for, and what still lacks something fails. fail: it fails at once. "
        "With reask and fail every document is read, those on gs:// too.",
        otherwise="as the document type says; of the built-in ones, warn",
        metavar="warn|reask|fail",
        form=Form(parent="document_type", regexes=("^(warn|reask|fail)$",)),
    )
    model: str = _flag(
        Text(strip=True),
        "Gemini model.",
        otherwise=f"{load_catalogue().default}, the cheapest that is current",
        example="gemini-3.5-flash",
        form=Form(regexes=(f"^{_MODEL}$",)),
    )
    fallback_models: tuple[str, ...] = _flag(
        Names(),
        "Models to ask in turn, comma-separated, where the one before gave no usable answer: cut, "
        "malformed, a recitation, or not valid. Each is paid for.",
        otherwise="none",
        metavar="MODELS",
        example="gemini-3.5-flash",
        form=Form(regexes=(f"^({_MODEL}(,{_MODEL})*)?$",)),
    )
    evidence: str = _flag(
        Choice(
            {
                "auto": "Text layers, but on Vertex AI not of gs:// documents",
                "off": "Nothing",
                "text": "Text layers; documents on gs:// are read for it",
                "ocr": "Text layers, and OCR of pages that have none",
            }
        ),
        "Where on its pages each value stands: found in text layers, or by OCR too where there is "
        "none (some seconds of CPU a page). No call is made for it. auto: text layers, but "
        "on Vertex AI not of gs:// documents, most of which go by reference: give text for those.",
        default="auto",
        metavar="auto|off|text|ocr",
    )
    allow_retired_model: bool = _flag(
        Boolean(),
        "Use a model that the catalogue lists as retired.",
        default=False,
        form=Form(parent="model"),
    )
