"""Which service, model and method a URL path names."""

import re
from dataclasses import dataclass

_DEVELOPER = re.compile(r"/(v1beta|v1alpha|v1)/models/([^/:]+)(?::(\w+))?")
_VERTEX = re.compile(
    r"/(v1beta1|v1)/(?:projects/([^/]+)/locations/([^/]+)/)?"
    r"publishers/google/models/([^/:]+)(?::(\w+))?"
)
# Names that look like a Gemini model's; the stand-in plays any of them.
_GEMINI = re.compile(r"gemini-\d[\w.-]*")


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the REST API; ``method`` is "" for reading the model's own resource."""

    vertex: bool
    version: str
    model: str
    method: str
    project: str = ""
    location: str = ""

    @property
    def resource(self) -> str:
        """The model as Vertex AI names it in its messages."""
        start = f"projects/{self.project}/locations/{self.location}/" if self.project else ""
        return f"{start}publishers/google/models/{self.model}"


def parse_path(path: str) -> Call | None:
    """Return the call that an unquoted path names, or None if it names none."""
    if found := _DEVELOPER.fullmatch(path):
        return Call(False, found[1], found[2], found[3] or "")  # noqa: FBT003 - vertex
    if found := _VERTEX.fullmatch(path):
        project, location = found[2] or "", found[3] or ""
        return Call(True, found[1], found[4], found[5] or "", project, location)  # noqa: FBT003
    return None


def model_exists(model: str, known: tuple[str, ...]) -> bool:
    """Return whether a model is one of ``known``, or Gemini-like if none are given."""
    return model in known if known else _GEMINI.fullmatch(model) is not None
