"""ScoreEndings: an output and its ground truth joined by document, and the scores added up."""

from collections.abc import Iterable, Iterator
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import PCollection, TaggedOutput
from apache_beam.typehints.decorators import no_annotations

from transforms.core.comparison.naming import Named, bring_together
from transforms.core.comparison.outcomes import Ending, latest
from transforms.core.comparison.scores import Scores
from transforms.core.comparison.scoring import Rules
from transforms.core.comparison.truth import Truth, base_name

_TRUTHS, _ENDINGS = "truths", "endings"
# What happened to a document, named after the method of Scores that enters it.
_Event = tuple[str, tuple[Any, ...]]


class ScoreEndings(beam.PTransform):
    """Endings and Truths (`endings`, `truths`) to one `Scores`.

    First they meet by full URI, where several endings of a document become its latest. What is
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
                _ENDINGS: inputs[_ENDINGS] | "By URI" >> beam.Map(_ending_by_uri),
                _TRUTHS: inputs[_TRUTHS] | "By name" >> beam.Map(_truth_by_name),
            }
            | "Join by URI" >> beam.CoGroupByKey()
            | "Settle by URI" >> beam.ParDo(_ByUri()).with_outputs(_ENDINGS, _TRUTHS, main="events")
        )
        by_name = (
            {_ENDINGS: by_uri[_ENDINGS], _TRUTHS: by_uri[_TRUTHS]}
            | "Join by name" >> beam.CoGroupByKey()
            | "Settle by name" >> beam.ParDo(_ByName())
        )
        return (
            (by_uri["events"], by_name)
            | beam.Flatten()
            | "Add up" >> beam.CombineGlobally(_AddUp(self._rules, self._examples))
        )


def _ending_by_uri(ending: Ending) -> tuple[str, Ending]:
    return ending.document_uri, ending


def _truth_by_name(truth: Truth) -> tuple[str, Truth]:
    return truth.name, truth


class _ByUri(beam.DoFn):
    @no_annotations
    def process(self, group: tuple[str, dict[str, Iterable[Any]]]) -> Iterator[Any]:
        uri, found = group
        ending, superseded = latest(found[_ENDINGS])
        truths = list(found[_TRUTHS])
        if ending is not None:
            yield "add_ending", (ending, superseded)
        if ending is not None and truths:
            yield from _events(bring_together(truths, [ending]))
        elif ending is not None:
            yield TaggedOutput(_ENDINGS, (base_name(uri), ending))
        else:
            for truth in truths:
                yield TaggedOutput(_TRUTHS, (base_name(uri), truth))


class _ByName(beam.DoFn):
    @no_annotations
    def process(self, group: tuple[str, dict[str, Iterable[Any]]]) -> Iterator[_Event]:
        yield from _events(bring_together(group[1][_TRUTHS], group[1][_ENDINGS]))


def _events(named: Named) -> Iterator[_Event]:
    yield from (("add_pair", pair) for pair in named.pairs)
    yield from (("add_unfound", (truth,)) for truth in named.unfound)
    yield from (("add_ambiguous", (truth,)) for truth in named.ambiguous)
    if named.untold:
        yield "add_untold", (named.untold,)


class _AddUp(beam.CombineFn):
    def __init__(self, rules: Rules, examples: int) -> None:
        self._rules, self._examples = rules, examples

    def create_accumulator(self) -> Scores:
        return Scores(self._examples, self._rules)

    def add_input(self, scores: Scores, event: _Event) -> Scores:
        getattr(scores, event[0])(*event[1])
        return scores

    def merge_accumulators(self, parts: Iterable[Scores]) -> Scores:
        total = Scores(self._examples, self._rules)
        for part in parts:
            total.merge(part)
        return total

    def extract_output(self, scores: Scores) -> Scores:
        return scores
