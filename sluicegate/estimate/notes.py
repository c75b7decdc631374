"""What the figures of an estimate leave out, each in one sentence. Pure."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

from sluicegate.document_types.definition import DocumentType
from sluicegate.estimate.costs import Looked, Took
from sluicegate.gemini.catalogue import Model
from sluicegate.records import Usage


def notes(
    looked: Sequence[Looked],
    kind: DocumentType,
    model: Model,
    on: date,
    usd_on: Callable[[date], float],
) -> Iterator[str]:
    """Yield them; `usd_on` returns the dollars of everything at the standard tier on a day."""
    asked = [took for each in looked for took in each.took]
    if asked:
        yield from _asked_again(asked, kind, model, on)
        yield from _other_models(asked, model)
    yield from _new_price(model, on, usd_on)
    yield from _long_prompts(looked, kind, model)
    yield "files of the same content are asked about once: copies make it cheaper"


def _asked_again(
    asked: Sequence[Took], kind: DocumentType, model: Model, on: date
) -> Iterator[str]:
    again = sum(_most_of_one_model(took) > 1 for took in asked)
    if again:
        yield f"{again} of {len(asked)} documents were asked again (answers cut, empty, malformed)"
        return
    # What was not seen among n is, with 95 % confidence, rarer than 3 / n.
    share = min(1.0, 3 / len(asked))
    dearest = model.cost_usd(Usage(output_tokens=4 * kind.max_output_tokens), on) or 0
    yield (
        f"no document was asked again (answer cut, empty, malformed); up to {share:.1%} of all may "
        f"be, a cut answer for ${float(dearest):.4f} more at most"
    )


def _most_of_one_model(took: Took) -> int:
    names = [model.name for model, _ in took.responses]
    return max(map(names.count, names), default=0)


def _other_models(asked: Sequence[Took], model: Model) -> Iterator[str]:
    others = sum(any(each.name != model.name for each, _ in took.responses) for took in asked)
    if others:
        yield f"fallback models were asked about {others} of {len(asked)} documents"


def _new_price(model: Model, on: date, usd_on: Callable[[date], float]) -> Iterator[str]:
    ends = [price.until for price in model.prices if price.until and price.until >= on]
    if ends:
        day = min(ends) + timedelta(days=1)
        yield f"from {day} on the prices are others: ${usd_on(day):,.2f} at the standard tier"


def _long_prompts(looked: Sequence[Looked], kind: DocumentType, model: Model) -> Iterator[str]:
    above = [price.above for price in model.prices if price.above]
    resolution = str(kind.generation_parameters.get("media_resolution") or "")
    page = model.tokens_of_page("pdf", resolution)
    if not above or not page:
        return
    pages = min(above) // page
    long = sum(found > pages for each in looked for found in each.pages)
    read = sum(len(each.pages) for each in looked)
    yield (
        f"prompts of more than {min(above):,} tokens have a higher price: some {pages:,} pages; "
        f"{long:,} of the {read:,} files that were read are as long"
    )
