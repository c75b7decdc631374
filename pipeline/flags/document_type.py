"""The command `document-type`: it takes the name of a model, and no flags."""

from dataclasses import dataclass

from pipeline.flags.command import Command


@dataclass(frozen=True, kw_only=True)
class DocumentTypeFlags:
    """None."""


DOCUMENT_TYPE = Command(
    name="document-type",
    module="pipeline.document_type",
    entry="pipeline.document_type:main",
    flags=DocumentTypeFlags,
    usage="package.module:Model > TYPE.yaml",
    brief="write the YAML of a document type from a pydantic model",
    description="Write the YAML of a document type that extracts what a pydantic model describes "
    "(or a dataclass, or a TypedDict): its fields, descriptions and constraints, and the stub of a "
    "prompt. What a table cannot hold is left out, and said on standard error with its path and "
    "what to do instead.",
    examples="""\
  # A model of the folder one stands in, or of an installed package
  {prog} shop.models:Invoice > invoice.yaml
""",
    done="all of the model was taken along",
    failed="some of it was left out",
    takes_beam_flags=False,
)
