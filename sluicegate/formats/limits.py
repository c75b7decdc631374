"""What a model takes: sizes in bytes, counts in pages."""

from dataclasses import dataclass, replace
from typing import Self

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one model, from the catalogue, and our own guards on memory."""

    pdf_bytes: int = 50 * MEBIBYTE
    pdf_pages: int = 1000
    inline_image_bytes: int = 7 * MEBIBYTE
    referenced_image_bytes: int = 30 * MEBIBYTE
    inline_request_bytes: int = 20 * MEBIBYTE  # the whole request, base64 included
    images: int = 3000
    # 30,000 x 6,000 px is an A0 plan at 600 dpi across; a page beyond it is a bomb or a mistake.
    image_pixels: int = 180_000_000

    @property
    def of_files_at_hand(self) -> Self:
        """These limits for a file that is only looked at: what a request may hold is no matter."""
        largest = self.pdf_bytes
        return replace(self, inline_request_bytes=2 * largest, inline_image_bytes=largest)

    @property
    def inline_payload_bytes(self) -> int:
        """Raw bytes that fit an inline request: base64 makes 4 of 3, and the prompt needs room."""
        return (self.inline_request_bytes - MEBIBYTE // 4) * 3 // 4
