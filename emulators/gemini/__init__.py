"""A stand-in for Gemini over HTTP, to run and to test with; never a shipped feature.

It answers google-genai's real requests, of the Developer API and of Vertex AI, on the loopback: it
reads the documents it is sent, keeps quotas, takes its time and fails on demand, and counts
everything. What it cannot know, such as how good a model's reading is, it does not pretend to.

    with GeminiEndpoint(Behaviour(requests_per_minute=300)) as endpoint:
        client = genai.Client(api_key="any", http_options={"base_url": endpoint.url})
"""

from emulators.gemini.behaviour import Behaviour
from emulators.gemini.endpoint import GeminiEndpoint
from emulators.gemini.faults import FaultRule
from emulators.gemini.reading import UnreadableDocument

__all__ = ["Behaviour", "FaultRule", "GeminiEndpoint", "UnreadableDocument"]
