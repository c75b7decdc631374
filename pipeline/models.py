"""The models of a run: the one that is asked, and its fallbacks."""

from datetime import date

from pipeline.flags.cost import CostFlags
from pipeline.flags.run import RunFlags
from sluicegate.document_types.definition import DocumentType
from sluicegate.faults import UsageFault
from sluicegate.gemini.catalogue import Model, choose_model
from sluicegate.records import Usage

_PAGES = {"vertex": "Vertex AI", "developer": "the Developer API"}


def read_models(given: RunFlags, on: date, service: str) -> tuple[list[Model], list[str]]:
    """Return the model, then the fallbacks in order, and what to warn of.

    Raises UsageFault for a retired model, and for one that is named twice.
    """
    models: list[Model] = []
    warnings: list[str] = []
    for name in (given.model, *given.fallback_models):
        model, said = choose_model(
            name, on, allow_retired=given.allow_retired_model, service=service
        )
        if model in models:
            raise UsageFault(
                f"--fallback_models: {model.name!r} is asked already; name models that are not"
            )
        models.append(model)
        warnings += said
        if given.processing in model.unlisted:
            warnings.append(
                f"model {model.name!r}: the pages of {_PAGES[service]} do not name it for "
                f"{given.processing}; it may be refused, or served and billed at standard"
            )
    return models, warnings


def check_priced(given: CostFlags, models: list[Model], on: date) -> None:
    """Raise UsageFault for a ceiling or an estimate in dollars of a model without a price."""
    wanted = given.max_cost_usd is not None or given.estimate is not None
    unknown = [model.name for model in models if model.cost_usd(Usage(1, 0, 1, 0), on) is None]
    if wanted and unknown:
        flag = "--max_cost_usd" if given.max_cost_usd is not None else "--estimate"
        raise UsageFault(
            f"{flag}: no price of model {unknown[0]!r} is known; leave the flag out, or use a "
            "model that the catalogue has"
        )


def left_out(document_type: DocumentType, models: list[Model]) -> list[str]:
    """Return a warning for each option of thinking that a model does not take.

    A temperature is no option that anybody has to set: where it is left out nothing is said.
    """
    given = document_type.generation_parameters
    return [
        f"model {model.name!r} takes no {name}: this option of document type "
        f"{document_type.name!r} is not sent to it"
        for model in models
        for name in given
        if name not in model.takes(given) and name != "temperature"
    ]
