"""A public mock of the services judges the client: llmock, where it is installed."""

import time
from pathlib import Path

import pytest
from support import Job, write_invoices

pytest.importorskip("llmock", reason="llmock is not installed")

from llmock.chaos import ChaosSettings
from llmock.ratelimit import LimitSettings, RateLimiter
from llmock.testing import LLMockServer
from llmock.verdict import judge

DOCUMENTS = 300
# Its answers fit any schema, but not a format of words.
TYPE = """
name: slip
version: "1"
prompt: Read the slip.
schema:
  type: object
  required: [number]
  properties: {number: {type: string}, total: {type: number}}
"""


def test_a_public_judge_finds_nothing_to_blame(job: Job, tmp_path: Path) -> None:
    """Under a quota and errors by chance no wait is cut short, no call repeated in vain: all land.

    A tenth of the calls is answered 429, 5 % 503, 3 % 500; 1,200 a minute are admitted.
    """
    write_invoices(tmp_path / "in", DOCUMENTS)
    (tmp_path / "slip.yaml").write_text(TYPE)
    chaos = ChaosSettings(latency_ms=50, error_rates={429: 0.10, 503: 0.05, 500: 0.03})
    with LLMockServer(chaos=chaos) as server:
        server.state.limiter = RateLimiter(LimitSettings(rpm=1200))
        begun = time.monotonic()
        landed = job(
            input=str(tmp_path / "in/*.pdf"),
            gemini_endpoint=server.base_url("gemini"),
            document_type=str(tmp_path / "slip.yaml"),
            requests_per_minute=1200,
        )
        print(f"{DOCUMENTS} documents in {time.monotonic() - begun:.1f} s")
        verdict = judge(server.state.journal.records())
    assert landed.summary.rows == DOCUMENTS
    assert (verdict.errors, verdict.warnings) == ((), ()), verdict.render()
    assert len(verdict.calls) == DOCUMENTS
