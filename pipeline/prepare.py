"""What a run needs to be there: its table with all columns, and where rows of earlier runs are."""

from dataclasses import replace

from pipeline import output_table
from pipeline.settings import Settings, Table
from sluicegate.faults import UsageFault
from sluicegate.landing.earlier_rows import Landed
from sluicegate.storage import NotFound, StoreError, join, store_for
from sluicegate.storage.patterns import literal


def make_ready(settings: Settings) -> Settings:
    """Return the settings with the output as it is once this has made it fit.

    The table is created or extended here: load jobs of a run should find it as they need it. Call
    it after `preflight.check`. Raises UsageFault for a table that cannot take the rows.
    """
    resume = settings.reprocessing.resume
    if isinstance(settings.output, Table):
        output = settings.output
        table = output_table.make_ready(output, settings.document_type)
        landed = Landed(table=(output.project, output.dataset, output.name))
        return replace(
            settings,
            columns={"fields": table.columns},
            landed=landed if resume and table.was_there else None,
            warnings=settings.warnings + table.warnings,
        )
    return replace(settings, landed=_landed(settings.rows_prefix)) if resume else settings


def _landed(prefix: str) -> Landed | None:
    """Return where row files of earlier runs are; None where there are none."""
    files = join(literal(prefix), "*/rows-*.avro")
    try:
        found = next(iter(store_for(files).list(files)), None)
    except NotFound:
        return None
    except StoreError as error:
        raise UsageFault(f"--output: {error}") from error
    return Landed(files=files) if found else None
