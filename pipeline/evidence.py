"""Evidence: from the flag to what looks values up; None where nothing does."""

import importlib.util

from pipeline.flags.extraction import ExtractionFlags
from sluicegate.faults import UsageFault
from sluicegate.landing.evidence import EvidenceFinder
from sluicegate.live.engine_settings import EngineSettings


def read_evidence(given: ExtractionFlags, engine: EngineSettings) -> EvidenceFinder | None:
    """Return what adds evidence to rows; raise UsageFault where OCR is asked for and missing."""
    if given.evidence == "off":
        return None
    if given.evidence == "ocr" and importlib.util.find_spec("rapidocr") is None:
        raise UsageFault(
            "--evidence=ocr reads pages without a text layer with rapidocr, which is not "
            "installed: pip install 'sluicegate[ocr]', in the worker image too; or use text"
        )
    return EvidenceFinder(
        engine.document_type,
        engine.model.limits,
        "ocr" if given.evidence == "ocr" else "text",
        spares_references=given.evidence == "auto" and engine.by_reference,
    )
