"""How many tokens a request and an answer count; plausible figures, not a tokenizer."""

import math
from dataclasses import dataclass

CHARACTERS_PER_TOKEN = 4
# Tokens of a PDF page or an image for the models before Gemini 3, which know one size.
_OLDER_PAGE = 258
# Gemini 3 by media resolution: (PDF page, image); unspecified is medium and high (2026-11).
_NEWER = {"LOW": (280, 280), "MEDIUM": (560, 560), "HIGH": (1120, 1120), "": (560, 1120)}


@dataclass(frozen=True, slots=True)
class PromptTokens:
    """Tokens of a prompt by modality."""

    text: int = 0
    document: int = 0
    image: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.text + self.document + self.image

    def details(self) -> list[dict[str, object]]:
        """Return ``promptTokensDetails`` as the API lists them."""
        named = {"TEXT": self.text, "DOCUMENT": self.document, "IMAGE": self.image}
        return [{"modality": name, "tokenCount": count} for name, count in named.items() if count]


def text_tokens(characters: int) -> int:
    """Return the tokens of so many characters of text."""
    return math.ceil(characters / CHARACTERS_PER_TOKEN)


def prompt_tokens(
    model: str, *, characters: int, pdf_pages: int, images: int, resolution: str
) -> PromptTokens:
    """Count a prompt; ``resolution`` is a ``mediaResolution`` value, or "" if none was given."""
    page, image = _OLDER_PAGE, _OLDER_PAGE
    if not model.startswith(("gemini-1", "gemini-2")):
        level = resolution.removeprefix("MEDIA_RESOLUTION_").replace("UNSPECIFIED", "")
        page, image = _NEWER.get(level, _NEWER["HIGH"])
    return PromptTokens(text_tokens(characters), pdf_pages * page, images * image)
