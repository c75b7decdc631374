"""Offline OCR: RapidOCR with the models of its own wheel, loaded once and when first needed."""

import functools
import importlib.util
import logging
import math
import statistics
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sluicegate.evidence.pages import Page, Word, lay_out

# Recognised with less certainty than this, a scrap of text is dirt or a logo.
CERTAINTY = 0.6
# Boxes are drawn generously around the ink, so gaps between them look smaller than they are.
OCR_CELL_GAP = 0.55
# By how much of their height: measured on the generator's own boxes of some 400 values.
MARGIN_ABOVE, MARGIN_BELOW, MARGIN_BESIDE = 0.25, 0.15, 0.2
# The detector works best when a page has about this many pixels on its longer side.
SMALL_PAGE = 900
# As many as there are cores. Two on two cores take 40 % more CPU than one, and less time.
THREADS = -1
_ONE_AT_A_TIME = threading.Lock()


def read(image: Any, number: int, scale: float = 1.0) -> Page:
    """Recognise the text of a picture as page `number`; `scale` is pixels per page unit.

    The picture is RGB: an array (height, width, 3) of 8 bits.
    A page that was laid slightly askew on the scanner is straightened.
    """
    height, width = image.shape[:2]
    factor = 2 if max(height, width) < SMALL_PAGE else 1
    if factor > 1:
        image = image.repeat(factor, axis=0).repeat(factor, axis=1)
    with _ONE_AT_A_TIME:
        result = _engine()(image[:, :, ::-1].copy())
    if result.boxes is None or result.txts is None:
        return Page(width / scale, height / scale)
    found = [
        (box.astype(float) / (factor * scale), text.strip())
        for box, text, certainty in zip(result.boxes, result.txts, result.scores, strict=True)
        if certainty >= CERTAINTY and text.strip()
    ]
    slope = _slope([box for box, _ in found])
    words = [word for box, text in found for word in _split(_straight(box, slope), text)]
    page = lay_out(words, number, width / scale, height / scale, cell_gap=OCR_CELL_GAP)
    return replace(page, slope=slope)


@functools.cache
def _engine() -> Callable[[Any], Any]:
    """Load the recogniser; raises ImportError if rapidocr is missing or has no models with it."""
    package = importlib.util.find_spec("rapidocr")
    if package is None or package.origin is None:
        raise ImportError("reading images needs the package rapidocr (extra 'ocr')")
    models = Path(package.origin).parent / "models"
    chosen = {stage: sorted(models.glob(f"*_{stage}_*.onnx")) for stage in ("det", "rec")}
    if not all(chosen.values()):
        raise ImportError(f"rapidocr came without its models in {models}")

    # 1.1 s of CPU and 40 MiB, which documents with a text layer need not pay.
    from rapidocr import RapidOCR  # noqa: PLC0415

    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    engine: Callable[[Any], Any] = RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,
            "EngineConfig.onnxruntime.intra_op_num_threads": THREADS,
            # Words are found in a smaller picture and read in the whole one: a quarter less CPU and
            # the same fields of the samples and of 25 real documents. At 960 one of these loses a
            # line.
            "Det.limit_type": "max",
            "Det.limit_side_len": 1280,
            # Short crops padded to twice this width cost twice the time and read no better.
            "Rec.rec_img_shape": [3, 48, 160],
            # Named outright, a model is never looked for on the network.
            "Det.model_path": str(chosen["det"][-1]),
            "Rec.model_path": str(chosen["rec"][-1]),
        }
    )
    return engine


def _slope(boxes: list[Any]) -> float:
    """How far lines fall over one unit to the right, from the wide boxes' upper edges."""
    slopes = []
    for box in boxes:
        across = box[1] - box[0]
        down = box[3] - box[0]
        if across[0] > 4 * math.hypot(*down):
            slopes.append(float(across[1] / across[0]))
    slope = statistics.median(slopes) if len(slopes) >= 3 else 0.0
    return slope if abs(slope) < 0.1 else 0.0


def _straight(box: Any, slope: float) -> tuple[float, float, float, float]:
    """Return the upright box around a leaning one after the page is straightened."""
    middle_x, middle_y = box.mean(axis=0)
    middle_y -= slope * middle_x
    width = (box[1][0] + box[2][0] - box[0][0] - box[3][0]) / 2
    height = (box[2][1] + box[3][1] - box[0][1] - box[1][1]) / 2
    return (
        middle_x - width / 2,
        middle_y - height / 2,
        middle_x + width / 2,
        middle_y + height / 2,
    )


def _split(box: tuple[float, float, float, float], text: str) -> list[Word]:
    """Share a box among the words in it by their number of characters, leaving no gaps."""
    x0, y0, x1, y1 = map(float, box)
    step = (x1 - x0) / len(text)
    height = y1 - y0
    top, bottom = y0 + MARGIN_ABOVE * height, y1 - MARGIN_BELOW * height
    left = x0 + MARGIN_BESIDE * height
    inked = max(x1 - MARGIN_BESIDE * height - left, 0.1 * height) / len(text)
    words, start = [], 0
    for piece in text.split(" "):
        stop = min(start + len(piece) + 1, len(text))
        if piece:
            ink = left + start * inked, top, left + (start + len(piece)) * inked, bottom
            words.append(Word(piece, x0 + start * step, y0, x0 + stop * step, y1, ink))
        start = stop
    return words
