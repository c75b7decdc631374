"""The settings of an engine: what it asks, and its limits."""

from dataclasses import dataclass, field

from sluicegate.asking.identity import Question
from sluicegate.document_types.definition import DocumentType
from sluicegate.gemini.catalogue import Model
from sluicegate.gemini.connection import RequestTemplate
from sluicegate.gemini.response_schema import question, response_schema
from sluicegate.pacing.pacer import PacerSettings
from sluicegate.pacing.retry import RetryPolicy


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What is asked of which model, how fast, and with how much patience. Plain data."""

    document_type: DocumentType
    model: Model
    pacer: PacerSettings = field(default_factory=PacerSettings)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    tier: str = "standard"  # that answers are asked for at; see gemini/processing
    has_fallback: bool = False  # another model is asked about what this one could not answer
    by_reference: bool = False  # pass gs:// documents as URIs (Vertex AI)
    max_bytes_in_flight: int = 1 << 30  # memory for documents and their requests
    outage_patience_seconds: float = 600.0  # of the model, the stores, the rate limit service

    @property
    def question(self) -> Question:
        """What is asked about every document."""
        return question(self.document_type, self.model.name)

    @property
    def template(self) -> RequestTemplate:
        """What all requests share, in calls and in batch jobs."""
        kind, model = self.document_type, self.model
        parameters = model.takes(kind.generation_parameters)
        return RequestTemplate(model.name, kind.full_prompt, response_schema(kind), parameters)
