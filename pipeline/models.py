"""The models of a run: the one that is asked, and those that get a second chance."""

from datetime import date

from pipeline.flags.extraction import ExtractionFlags
from sluicegate.faults import UsageFault
from sluicegate.gemini.catalogue import Model, choose_model


def read_models(given: ExtractionFlags, on: date) -> tuple[list[Model], list[str]]:
    """Return the model, then the fallbacks in order, and what to warn of.

    Raises UsageFault for a retired model, and for one that is named twice.
    """
    models: list[Model] = []
    warnings: list[str] = []
    for name in (given.model, *given.fallback_models):
        model, said = choose_model(name, on, allow_retired=given.allow_retired_model)
        if model in models:
            raise UsageFault(
                f"--fallback_models: {model.name!r} is asked already; name models that are not"
            )
        models.append(model)
        warnings += said
    return models, warnings
