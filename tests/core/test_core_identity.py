"""The identity of a request is the same on every machine, in every run, for ever."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.core.identity import fingerprint, request_identity
from transforms.core.types.invoice import INVOICE

KNOWN: dict[str, Any] = {
    "document_digest": "sha256:aa",
    "type_fingerprint": "t",
    "model": "m",
    "parameters": {"temperature": 0.0, "max_output_tokens": 8192},
}


def test_the_golden_value() -> None:
    """If this fails, every journal in the world is worthless: raise REQUEST_FORMAT knowingly."""
    written = (
        '{"document":"sha256:aa","format":1,"model":"m",'
        '"parameters":{"max_output_tokens":8192,"temperature":0.0},"type":"t"}'
    )
    golden = "594eb84812bb8d7bfe55d6807317138a064e210d3e547727203f68dbcce9d3cd"
    assert request_identity(**KNOWN) == golden == hashlib.sha256(written.encode()).hexdigest()


def test_the_order_of_parameters_does_not_matter() -> None:
    """A mapping is a mapping."""
    turned = dict(reversed(KNOWN["parameters"].items()))
    assert request_identity(**{**KNOWN, "parameters": turned}) == request_identity(**KNOWN)


@pytest.mark.parametrize(
    "change",
    [
        {"document_digest": "sha256:ab"},
        {"type_fingerprint": "u"},
        {"model": "n"},
        {"parameters": {}},
        {"parameters": {"temperature": 0.5, "max_output_tokens": 8192}},
    ],
)
def test_every_part_matters(change: dict[str, Any]) -> None:
    """Another content, question, model or parameter is another request."""
    assert request_identity(**{**KNOWN, **change}) != request_identity(**KNOWN)


def test_parts_do_not_run_together() -> None:
    """Text moved from one part to the next is another request."""
    one = request_identity("ab", "c", "m", {})
    other = request_identity("a", "bc", "m", {})
    assert one != other


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=4))
def test_fingerprints_are_64_digits_and_ignore_order(value: dict[str, Any]) -> None:
    """Of any plain JSON, lone surrogates included."""
    turned = dict(reversed(value.items()))
    assert fingerprint(value) == fingerprint(turned)
    assert len(fingerprint(value)) == 64
    assert fingerprint({**value, "\ud800": 1}) != fingerprint(value)


def test_the_invoice_asks_one_question() -> None:
    """A new prompt or schema buys every answer again: change them knowingly."""
    assert INVOICE.fingerprint == INVOICE.fingerprint
    assert len(INVOICE.fingerprint) == 64
