"""The bodies of answers with status 200."""

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from emulators.gemini.paths import Call
from emulators.gemini.refusals import Reply
from emulators.gemini.tiers import STANDARD, served_header, usage_fields
from emulators.gemini.tokens import CHARACTERS_PER_TOKEN, PromptTokens, text_tokens

_CATEGORIES = (
    "HARM_CATEGORY_HARASSMENT",
    "HARM_CATEGORY_HATE_SPEECH",
    "HARM_CATEGORY_SEXUALLY_EXPLICIT",
    "HARM_CATEGORY_DANGEROUS_CONTENT",
)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one answer."""

    prompt: int
    candidates: int
    thoughts: int
    cached: int

    @property
    def total(self) -> int:
        """What is counted together; cached tokens are part of the prompt's."""
        return self.prompt + self.candidates + self.thoughts


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the model; ``text`` None is a candidate without content."""

    text: str | None
    finish_reason: str = "STOP"


def within_budget(text: str, budget: int | None) -> Answer:
    """Return the answer cut to ``budget`` output tokens, and MAX_TOKENS if that cut it."""
    if budget is None or text_tokens(len(text)) <= budget:
        return Answer(text)
    room = max(0, budget) * CHARACTERS_PER_TOKEN
    return Answer(text[:room] or None, "MAX_TOKENS")


def refused_answer(finish_reason: str, partial: str) -> Answer:
    """Return the answer for a finish reason other than STOP: only some come with a text."""
    if finish_reason in {"MAX_TOKENS", "UNKNOWN_NEW_VALUE"}:
        named = finish_reason.replace("UNKNOWN_NEW_VALUE", "SOME_FUTURE_REASON")
        return Answer(partial, named)
    return Answer(None, finish_reason)


def generated(
    call: Call,
    answer: Answer | None,
    *,
    prompt: PromptTokens,
    usage: Usage | None,
    response_id: str,
    tier: str = STANDARD,
    block_reason: str | None = None,
) -> Reply:
    """Return a generateContent body: ``answer`` None has no candidates, ``usage`` None no usage."""
    body: dict[str, Any] = {}
    if answer is not None:
        body["candidates"] = [_candidate(answer)]
    if block_reason is not None:
        body["promptFeedback"] = {"blockReason": block_reason}
    if usage is not None:
        body["usageMetadata"] = _usage(call, usage, prompt) | usage_fields(call, tier)
    body["modelVersion"] = call.model
    if call.vertex:
        body["createTime"] = dt.datetime.now(dt.UTC).isoformat().replace("+00:00", "Z")
    body["responseId"] = response_id
    headers = served_header(call, tier)
    return Reply(200, json.dumps(body, ensure_ascii=False).encode(), headers=headers)


def _candidate(answer: Answer) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"role": "model"}}
    if answer.text is not None:
        candidate["content"] = {"parts": [{"text": answer.text}], "role": "model"}
    elif answer.finish_reason != "MAX_TOKENS":
        del candidate["content"]
    candidate["finishReason"] = answer.finish_reason
    candidate["index"] = 0
    if answer.finish_reason == "SAFETY":
        candidate["safetyRatings"] = [
            {"category": each, "probability": "HIGH" if each == _CATEGORIES[3] else "NEGLIGIBLE"}
            | ({"blocked": True} if each == _CATEGORIES[3] else {})
            for each in _CATEGORIES
        ]
    if answer.finish_reason.startswith("MALFORMED"):
        candidate["finishMessage"] = "Malformed function call: print(default_api."
    return candidate


def _usage(call: Call, usage: Usage, prompt: PromptTokens) -> dict[str, Any]:
    counts: dict[str, Any] = {"promptTokenCount": usage.prompt}
    if usage.candidates:
        counts["candidatesTokenCount"] = usage.candidates
    counts["totalTokenCount"] = usage.total
    if usage.cached:
        counts["cachedContentTokenCount"] = usage.cached
        counts["cacheTokensDetails"] = [{"modality": "TEXT", "tokenCount": usage.cached}]
    if usage.thoughts:
        counts["thoughtsTokenCount"] = usage.thoughts
    counts["promptTokensDetails"] = prompt.details()
    if call.vertex and usage.candidates:
        text = {"modality": "TEXT", "tokenCount": usage.candidates}
        counts["candidatesTokensDetails"] = [text]
    return counts


def counted(call: Call, prompt: PromptTokens, *, characters: int) -> Reply:
    """Return a countTokens body."""
    body: dict[str, Any] = {"totalTokens": prompt.total, "promptTokensDetails": prompt.details()}
    if call.vertex:
        body["totalBillableCharacters"] = characters
    return Reply(200, json.dumps(body).encode())


def described_model(call: Call) -> Reply:
    """Return a model's own resource."""
    body: dict[str, Any]
    if call.vertex:
        name = f"publishers/google/models/{call.model}"
        body = {"name": name, "versionId": "default", "launchStage": "GA"}
    else:
        body = {
            "name": f"models/{call.model}",
            "version": "001",
            "displayName": call.model,
            "description": "Stand-in",
            "inputTokenLimit": 1_048_576,
            "outputTokenLimit": 65_536,
            "supportedGenerationMethods": ["generateContent", "countTokens"],
        }
    return Reply(200, json.dumps(body).encode())
