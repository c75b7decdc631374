"""The identity of a request is the same on every machine, in every run, for ever."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.asking.identity import Question, Request, fingerprint
from sluicegate.document_types.invoice import INVOICE
from sluicegate.gemini.response_schema import question

KNOWN: dict[str, Any] = {
    "prompt_digest": "p",
    "schema": "s",
    "model": "m",
    "parameters": {"temperature": 0.0, "max_output_tokens": 8192},
}
CONTENT = "sha256:aa"


def asked(content: str = CONTENT, **changes: Any) -> Request:
    """Return the request about a content, with some of the question changed."""
    return Question(**{**KNOWN, **changes}).about(content)


def test_the_golden_values() -> None:
    """If this fails, every journal in the world is worthless: raise REQUEST_FORMAT knowingly."""
    written = (
        '{"document":"sha256:aa","format":1,"model":"m",'
        '"parameters":{"max_output_tokens":8192,"temperature":0.0},"prompt":"p"}'
    )
    base = hashlib.sha256(written.encode()).hexdigest()
    assert asked() == Request(base, "s")
    assert base == "4249e8ec96143d7832e4df874cd3577397b601cb77e38f77e3b7234f93b958c0"
    assert asked().identity == hashlib.sha256(f"{base}/s".encode()).hexdigest()


def test_the_order_of_parameters_does_not_matter() -> None:
    """A mapping is a mapping."""
    turned = dict(reversed(KNOWN["parameters"].items()))
    assert asked(parameters=turned) == asked()


@pytest.mark.parametrize(
    "change",
    [
        {"content": "sha256:ab"},
        {"prompt_digest": "q"},
        {"model": "n"},
        {"parameters": {}},
        {"parameters": {"temperature": 0.5, "max_output_tokens": 8192}},
    ],
)
def test_every_part_matters(change: dict[str, Any]) -> None:
    """Another content, prompt, model or parameter is another request, under another base."""
    assert asked(**change).base != asked().base
    assert asked(**change).identity != asked().identity


def test_another_schema_is_another_request_under_the_same_base() -> None:
    """So answers to another schema can be found."""
    assert asked(schema="t").base == asked().base
    assert asked(schema="t").identity != asked().identity


def test_a_question_has_a_fingerprint_of_its_own() -> None:
    """It does not depend on a document."""
    question = Question(**KNOWN)
    assert question.fingerprint == Question(**KNOWN).fingerprint
    assert question.fingerprint != Question(**{**KNOWN, "schema": "t"}).fingerprint


def test_parts_do_not_run_together() -> None:
    """Text moved from one part to the next is another request."""
    assert asked("ab", prompt_digest="c") != asked("a", prompt_digest="bc")
    assert Request("ab", "c").identity != Request("a", "bc").identity


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=4))
def test_fingerprints_are_64_digits_and_ignore_order(value: dict[str, Any]) -> None:
    """Of any plain JSON, lone surrogates included."""
    turned = dict(reversed(value.items()))
    assert fingerprint(value) == fingerprint(turned)
    assert len(fingerprint(value)) == 64
    assert fingerprint({**value, "\ud800": 1}) != fingerprint(value)


def test_the_invoice_asks_one_question() -> None:
    """A new prompt or schema buys every answer again: change them knowingly."""
    asked = question(INVOICE, "m")
    assert asked == question(INVOICE, "m")
    assert len(asked.schema) == len(asked.prompt_digest) == 64
    assert asked.parameters == INVOICE.generation_parameters
