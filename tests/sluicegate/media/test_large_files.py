"""Large files of our own making: what services take is not refused, and nothing is blown up."""

import io
import random

import pytest
from PIL import Image, ImageStat

from sluicegate.faults import DocumentFault
from sluicegate.formats.limits import Limits
from sluicegate.media.prepare import Part, prepare
from tests.sluicegate.media import made, pictures
from tests.sluicegate.media.checking import DEVELOPER


def test_a_pdf_of_16_mb_fits_a_request_of_the_developer_api() -> None:
    """A request of it takes 100 MB, of others less."""
    noise = random.Random(1).randbytes(16_000_000)
    stream = b"<< /Length %d >>\nstream\n%b\nendstream" % (len(noise), noise)
    data = made.pdf_of([*made.pages(), stream])
    assert prepare(data, DEVELOPER) == (Part("application/pdf", data, pages=1),)
    with pytest.raises(DocumentFault, match="inline request") as caught:
        prepare(data, Limits())
    assert caught.value.code == "too_large"


def test_a_photograph_with_a_film_is_the_photograph() -> None:
    """8 MB of film do not count against the limit of a picture."""
    photo = made.jpeg(made.marked((1200, 900)))
    data = photo + b"\0\0\0\x18ftypmp42" + bytes(8_000_000)
    for limits in (Limits(), DEVELOPER):
        assert prepare(data, limits) == (Part("image/jpeg", photo, pages=1),)


def test_seven_colour_pages_fit() -> None:
    """Stored as JPEG of some 10 MB, they are sent in no more than that."""
    noise = Image.effect_noise((2480, 3508), 18)
    page = Image.merge("RGB", (noise, noise.transpose(Image.Transpose.ROTATE_180), noise))
    data = pictures.saved(
        page, "TIFF", compression="jpeg", quality=60, save_all=True, append_images=[page] * 6
    )
    parts = prepare(data, Limits())
    assert len(parts) == 7
    assert sum(len(part.data) for part in parts) <= min(
        1.1 * len(data), Limits().inline_payload_bytes
    )
    with Image.open(io.BytesIO(parts[6].data)) as last:
        assert last.size == page.size
        assert ImageStat.Stat(last).mean == pytest.approx(ImageStat.Stat(page).mean, abs=3)
