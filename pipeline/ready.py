"""What a run makes before its launch: an output that takes its rows."""

from dataclasses import replace

from pipeline.settings import Settings


def make_output_ready(settings: Settings) -> Settings:
    """Prepare the output; return the settings with its columns, and with the rows it has already.

    Raises UsageFault, saying what to do, if the output cannot be made ready.
    """
    ready = settings.output.make_ready(
        settings.document_type,
        settings.run_id,
        resume=settings.reprocessing.resume,
        temp_location=settings.temp_location,
    )
    return replace(
        settings,
        columns=ready.columns,
        landed=ready.earlier,
        warnings=settings.warnings + ready.warnings,
    )
