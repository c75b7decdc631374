"""CompareOutcomes: two outputs joined by document, and what changed added up."""

from collections.abc import Iterable
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import PCollection
from apache_beam.typehints.decorators import no_annotations

from sluicegate.evaluation.changes import Changes
from sluicegate.evaluation.outcomes import Outcome

_Group = tuple[str, dict[str, Iterable[Outcome]]]


class CompareOutcomes(beam.PTransform):
    """Endings `before` and `after` to one `Changes`. `examples` is how many of each kind it keeps.

    Rows meet by document URI in one shuffle; what is added up is small, however many there are.
    """

    def __init__(self, examples: int) -> None:
        super().__init__()
        self._examples = examples

    @no_annotations
    def expand(self, sides: dict[str, PCollection[Outcome]]) -> PCollection[Changes]:
        """Build the step."""
        keyed = {
            name: outcomes
            | f"Key {name}" >> beam.Map(_by_uri).with_output_types(tuple[str, Outcome])
            for name, outcomes in sides.items()
        }
        return (
            keyed
            | "Join" >> beam.CoGroupByKey()
            | "Add up" >> beam.CombineGlobally(_AddUp(self._examples))
        )


def _by_uri(outcome: Outcome) -> tuple[str, Outcome]:
    return outcome.document_uri, outcome


class _AddUp(beam.CombineFn):
    def __init__(self, examples: int) -> None:
        self._examples = examples

    def create_accumulator(self) -> Changes:
        return Changes(self._examples)

    def add_input(self, changes: Changes, group: _Group) -> Changes:
        changes.add(group[1]["before"], group[1]["after"])
        return changes

    def merge_accumulators(self, parts: Iterable[Changes]) -> Changes:
        total = Changes(self._examples)
        for part in parts:
            total.merge(part)
        return total

    def extract_output(self, changes: Changes) -> Any:
        return changes
