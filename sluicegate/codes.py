"""The vocabulary of failures: every code a failure record can carry, once, with its meaning.

Codes are stable: tools filter and replay by them. README's table is made from this file and a
test holds the two together.
"""

from typing import Literal, NamedTuple

Stage = Literal["match", "read", "prepare", "generate", "parse", "validate", "write"]


class Code(NamedTuple):
    """One way for a document to fail."""

    stage: Stage
    retryable: bool  # True when the same command, run again later, may well succeed
    meaning: str
    remedy: str


CODES: dict[str, Code] = {
    # match
    "not_found": Code(
        "match",
        retryable=True,
        meaning="listed, but no such file",
        remedy="check the name; it may have been deleted",
    ),
    "bad_name": Code(
        "match",
        retryable=False,
        meaning="its name is not UTF-8 text, so no record can hold it",
        remedy="rename it",
    ),
    # read
    "unreadable": Code(
        "read",
        retryable=True,
        meaning="the store refused the bytes",
        remedy="check permissions, then replay",
    ),
    "changed": Code(
        "read",
        retryable=True,
        meaning="replaced or deleted after it was matched",
        remedy="replay: the new version is read",
    ),
    # prepare
    "empty": Code(
        "prepare",
        retryable=False,
        meaning="zero bytes",
        remedy="upload it again",
    ),
    "encrypted": Code(
        "prepare",
        retryable=False,
        meaning="needs a password",
        remedy="remove the password",
    ),
    "truncated": Code(
        "prepare",
        retryable=False,
        meaning="ends before its format says",
        remedy="upload it again",
    ),
    "corrupt": Code(
        "prepare",
        retryable=False,
        meaning="its structure is broken",
        remedy="open and save it, or scan again",
    ),
    "decompression_bomb": Code(
        "prepare",
        retryable=False,
        meaning="few bytes that unpack to far too many pixels",
        remedy="scan at a lower density",
    ),
    "unsupported_type": Code(
        "prepare",
        retryable=False,
        meaning="no PDF, PNG, JPEG, WEBP, HEIC or TIFF",
        remedy="convert it to PDF",
    ),
    "too_large": Code(
        "prepare",
        retryable=False,
        meaning="more bytes than the model takes",
        remedy="split it or lower its resolution",
    ),
    "too_many_pages": Code(
        "prepare",
        retryable=False,
        meaning="more pages than the model takes",
        remedy="split it",
    ),
    "several_documents": Code(
        "prepare",
        retryable=False,
        meaning="several PDFs in one file, one behind the other",
        remedy="split the file",
    ),
    "portfolio": Code(
        "prepare",
        retryable=False,
        meaning="a PDF portfolio: a cover around other files",
        remedy="save the files in it as files",
    ),
    "xfa_form": Code(
        "prepare",
        retryable=False,
        meaning="the shell of a form that Adobe Reader alone shows (XFA)",
        remedy="open it there and print it to a PDF",
    ),
    # generate
    "document_rejected": Code(
        "generate",
        retryable=False,
        meaning="the API refused this document (400)",
        remedy="the message has its reason",
    ),
    "blocked": Code(
        "generate",
        retryable=False,
        meaning="a safety filter stopped it",
        remedy="read the reason in the message",
    ),
    "recitation": Code(
        "generate",
        retryable=False,
        meaning="stopped as a recitation, again and again",
        remedy="try another model",
    ),
    "malformed_answer": Code(
        "generate",
        retryable=False,
        meaning="the model ended without a usable answer, again and again",
        remedy="try another model",
    ),
    "answer_cut": Code(
        "generate",
        retryable=False,
        meaning="the answer outgrew even the raised token limit",
        remedy="raise max_output_tokens of the document type, or split the document",
    ),
    "no_answer": Code(
        "generate",
        retryable=False,
        meaning="no candidate, or one without text",
        remedy="try another model",
    ),
    "rate_limited": Code(
        "generate",
        retryable=True,
        meaning="still answered 429 at the document's deadline",
        remedy="replay later or with a lower rate",
    ),
    "server_error": Code(
        "generate",
        retryable=True,
        meaning="5xx or an unreadable reply, repeatedly",
        remedy="replay",
    ),
    "timeout": Code(
        "generate",
        retryable=True,
        meaning="no reply in time, repeatedly",
        remedy="replay",
    ),
    "connection_error": Code(
        "generate",
        retryable=True,
        meaning="the connection broke, repeatedly",
        remedy="replay",
    ),
    # parse
    "not_json": Code(
        "parse",
        retryable=False,
        meaning="the answer is not one JSON object",
        remedy="see raw_answer",
    ),
    # validate
    "schema_mismatch": Code(
        "validate",
        retryable=False,
        meaning="a field has the wrong type or is missing",
        remedy="see the message",
    ),
    "nothing_extracted": Code(
        "validate",
        retryable=False,
        meaning="every required field is null: blank, or another kind of document",
        remedy="look at the document",
    ),
    "value_out_of_range": Code(
        "validate",
        retryable=False,
        meaning="a value does not fit its column",
        remedy="see the message",
    ),
    "check_failed": Code(
        "validate",
        retryable=False,
        meaning="a check of the document type that is set to fail",
        remedy="see the message",
    ),
}  # fmt: skip


def stage_of(code: str) -> Stage:
    """Return the stage that `code` belongs to; raise KeyError for a code that is not ours."""
    return CODES[code].stage


def reference() -> str:
    """Return README's table of codes, in Markdown."""
    return "\n".join(
        f"| {code.stage} | `{name}` | {code.meaning} | {'yes' if code.retryable else 'no'} "
        f"| {code.remedy} |"
        for name, code in CODES.items()
    )


if __name__ == "__main__":
    print(reference())  # noqa: T201 - what it is run for
