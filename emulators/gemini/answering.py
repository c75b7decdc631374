"""From a reading, or a fault, to the reply: pure."""

from dataclasses import replace
from typing import Any

from emulators.gemini import refusals
from emulators.gemini.answers import Answer, Usage, generated, refused_answer, within_budget
from emulators.gemini.behaviour import Behaviour
from emulators.gemini.exact_json import dumps
from emulators.gemini.faults import FINISH_REASONS, FOREIGN_BODIES, SPOILED_TEXTS, FaultRule
from emulators.gemini.lies import LIES, told
from emulators.gemini.paths import Call
from emulators.gemini.quota import Rejection
from emulators.gemini.reading import Reading
from emulators.gemini.refusals import Reply
from emulators.gemini.request import GenerateRequest
from emulators.gemini.spoiling import cut, spoiled
from emulators.gemini.tokens import PromptTokens, prompt_tokens, text_tokens

_PROSE = "This is a stand-in; without a response schema it has nothing to say."
_PAGE_INSTEAD = (
    b"<!DOCTYPE html>\n<html><title>Sign in</title><p>Please sign in to continue.</html>\n"
)


def prompt_of(call: Call, request: GenerateRequest, reading: Reading) -> PromptTokens:
    """Count a request's prompt tokens."""
    return prompt_tokens(
        call.model,
        characters=request.characters,
        pdf_pages=reading.pdf_pages,
        images=reading.images,
        resolution=request.media_resolution,
    )


def answered(
    call: Call,
    request: GenerateRequest,
    reading: Reading,
    rule: FaultRule | None,
    *,
    behaviour: Behaviour,
    response_id: str,
    tier: str,
) -> tuple[Reply, Usage | None]:
    """Return the answer to a request, spoiled by ``rule`` if given, and what it is charged."""
    fault = rule.fault if rule else ""
    if fault in FOREIGN_BODIES:
        return Reply(200, _PAGE_INSTEAD, refusals.HTML), None
    answer = _answer(request, reading.answer, fault, behaviour)
    prompt = prompt_of(call, request, reading)
    no_candidates = fault in {"no_candidates", "no_candidates_silent"}
    usage = Usage(
        prompt=prompt.total,
        candidates=0 if no_candidates else text_tokens(len(answer.text or "")),
        thoughts=0 if no_candidates else _thoughts(request, behaviour),
        cached=int(prompt.text * behaviour.cached_share),
    )
    reply = generated(
        call,
        None if no_candidates else answer,
        prompt=prompt,
        usage=None if fault == "no_usage" else usage,
        response_id=response_id,
        tier=tier,
        block_reason=rule.block_reason if rule and fault == "no_candidates" else None,
    )
    return reply, usage


def _answer(request: GenerateRequest, value: Any, fault: str, behaviour: Behaviour) -> Answer:
    if fault in LIES:
        value = told(fault, value)
    if fault in SPOILED_TEXTS:
        return Answer(spoiled(fault, value, request.schema or {}))
    text = dumps(value) if request.wants_json else _PROSE
    if fault in FINISH_REASONS:
        return refused_answer(fault.removeprefix("finish_"), cut(text))
    budget = request.max_output_tokens
    if budget is not None:
        budget -= _thoughts(request, behaviour)
    return within_budget(text, budget)


def _thoughts(request: GenerateRequest, behaviour: Behaviour) -> int:
    """Count the thinking, which the output limit bounds too."""
    if not request.thinks:
        return 0
    if request.max_output_tokens is None:
        return behaviour.thoughts_tokens
    return min(behaviour.thoughts_tokens, request.max_output_tokens)


def rejected(call: Call, rejection: Rejection, behaviour: Behaviour) -> Reply:
    """Return the 429 for a quota, with the details that the behaviour grants."""
    return refusals.quota_exceeded(
        call,
        rejection,
        failure=behaviour.quota_failure,
        retry=behaviour.retry_info,
        link=behaviour.help_link,
    )


def rejection_of(rule: FaultRule, behaviour: Behaviour) -> Rejection:
    """Return the rejection that a 429 fault pretends to."""
    if rule.fault == "http_429_daily":
        # The service sends a short delay here too, although the day's quota stays used up.
        daily = behaviour.requests_per_day or 1000
        return Rejection("requests_per_day", daily, rule.retry_delay or 47.0)
    # A size that is not true would be believed.
    limit = behaviour.requests_per_minute
    return Rejection("requests_per_minute", limit, rule.retry_delay or 1.0)


def with_retry_after(reply: Reply, rule: FaultRule) -> Reply:
    """Return the reply with the header that the rule asks for, if it does."""
    if rule.retry_after is None:
        return reply
    return replace(reply, headers=refusals.retry_after(rule.retry_after, rule.retry_after_form))


def error_of(call: Call, rule: FaultRule, media_type: str) -> Reply:
    """Return the reply of an ``http_…`` fault that is not a 429."""
    match rule.fault:
        case "http_400_document":
            if rule.message:
                return refusals.invalid(rule.message)
            return refusals.unreadable_document(call, media_type)
        case "http_400_schema":
            return refusals.too_many_states()
        case "http_401":
            return refusals.invalid_token()
        case "http_403":
            return refusals.permission_denied(call, rule.message)
        case "http_404_model":
            return refusals.unknown_model(call)
    return refusals.server_error(int(rule.fault.removeprefix("http_")), rule.message)
