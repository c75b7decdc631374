"""Flags of `run`: at which price, for which patience."""

from dataclasses import dataclass
from functools import partial

from pipeline.flags.flag import Form, flag
from pipeline.flags.kinds import Choice

_flag = partial(flag, group="what it may cost")


@dataclass(frozen=True, kw_only=True)
class ProcessingFlags:
    """How calls are processed, and hence priced. None of it is part of a request's identity."""

    processing: str = _flag(
        Choice(
            {
                "standard": "Standard: at once, at the full price",
                "flex": "Flex: within minutes, at half the price",
            }
        ),
        "How the service processes the calls: 'standard', or 'flex': half the price, for calls "
        "that take minutes and are turned away while there is no capacity. On Vertex AI flex is "
        "served in the location 'global' alone.",
        default="standard",
        metavar="NAME",
    )
    flex_fallback: str = _flag(
        Choice(
            {
                "never": "Never: the document fails, and a later run asks again",
                "deadline": "Deadline: it is asked once more at the full price",
            }
        ),
        "What becomes of a document that met no flex capacity until --document_deadline: it fails "
        "('never'), or it is asked about once more at the standard price ('deadline').",
        default="never",
        metavar="WHEN",
        form=Form(parent="processing", parent_values=("flex",)),
    )
