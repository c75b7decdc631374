"""ScoreOutcomes: an output and its ground truth joined by document, and the scores added up."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import PCollection, TaggedOutput
from apache_beam.typehints.decorators import no_annotations

from sluicegate.evaluation.naming import Named, bring_together
from sluicegate.evaluation.outcomes import Outcome, latest
from sluicegate.evaluation.scores import Scores
from sluicegate.evaluation.scoring import Rules
from sluicegate.evaluation.truth import Truth, base_name
from transforms.add_up import add_up

_TRUTHS, _OUTCOMES = "truths", "outcomes"
# What happened to a document, named after the method of Scores that enters it.
_Event = tuple[str, tuple[Any, ...]]


class ScoreOutcomes(beam.PTransform):
    """Outcomes and Truths (`outcomes`, `truths`) to one `Scores`.

    First they meet by full URI, where several outcomes of a document become its latest. What is
    left meets by the last part of its name. Truths by full URI therefore scale without limit;
    truths that share one base name are held in memory together.
    """

    def __init__(self, rules: Rules, examples: int) -> None:
        super().__init__()
        self._rules, self._examples = rules, examples

    @no_annotations
    def expand(self, inputs: dict[str, PCollection[Any]]) -> PCollection[Scores]:
        """Build the step."""
        by_uri = (
            {
                _OUTCOMES: inputs[_OUTCOMES] | "By URI" >> beam.Map(_outcome_by_uri),
                _TRUTHS: inputs[_TRUTHS] | "By name" >> beam.Map(_truth_by_name),
            }
            | "Join by URI" >> beam.CoGroupByKey()
            | "Settle by URI"
            >> beam.ParDo(_ByUri()).with_outputs(_OUTCOMES, _TRUTHS, main="events")
        )
        by_name = (
            {_OUTCOMES: by_uri[_OUTCOMES], _TRUTHS: by_uri[_TRUTHS]}
            | "Join by name" >> beam.CoGroupByKey()
            | "Settle by name" >> beam.ParDo(_ByName())
        )
        return (
            (by_uri["events"], by_name)
            | beam.Flatten()
            | "Add up" >> add_up(partial(Scores, self._examples, self._rules), _enter)
        )


def _outcome_by_uri(outcome: Outcome) -> tuple[str, Outcome]:
    return outcome.document_uri, outcome


def _truth_by_name(truth: Truth) -> tuple[str, Truth]:
    return truth.name, truth


class _ByUri(beam.DoFn):
    @no_annotations
    def process(self, group: tuple[str, dict[str, Iterable[Any]]]) -> Iterator[Any]:
        uri, found = group
        outcome, superseded = latest(found[_OUTCOMES])
        truths = list(found[_TRUTHS])
        if outcome is not None:
            yield "add_outcome", (outcome, superseded)
        if outcome is not None and truths:
            yield from _events(bring_together(truths, [outcome]))
        elif outcome is not None:
            yield TaggedOutput(_OUTCOMES, (base_name(uri), outcome))
        else:
            for truth in truths:
                yield TaggedOutput(_TRUTHS, (base_name(uri), truth))


class _ByName(beam.DoFn):
    @no_annotations
    def process(self, group: tuple[str, dict[str, Iterable[Any]]]) -> Iterator[_Event]:
        yield from _events(bring_together(group[1][_TRUTHS], group[1][_OUTCOMES]))


def _events(named: Named) -> Iterator[_Event]:
    yield from (("add_pair", pair) for pair in named.pairs)
    yield from (("add_unfound", (truth,)) for truth in named.unfound)
    yield from (("add_ambiguous", (truth,)) for truth in named.ambiguous)
    if named.untold:
        yield "add_untold", (named.untold,)


def _enter(scores: Scores, event: _Event) -> None:
    method, arguments = event
    getattr(scores, method)(*arguments)
