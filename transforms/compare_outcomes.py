"""CompareOutcomes: two outputs joined by document, and what changed added up."""

from collections.abc import Iterable
from functools import partial

import apache_beam as beam
from apache_beam.pvalue import PCollection
from apache_beam.typehints.decorators import no_annotations

from sluicegate.evaluation.changes import Changes
from sluicegate.evaluation.outcomes import Outcome
from transforms.add_up import add_up

_Group = tuple[str, dict[str, Iterable[Outcome]]]


class CompareOutcomes(beam.PTransform):
    """Outcomes `before` and `after` to one `Changes`. `examples` is how many of each kind it keeps.

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
            | "Add up" >> add_up(partial(Changes, self._examples), _enter)
        )


def _by_uri(outcome: Outcome) -> tuple[str, Outcome]:
    return outcome.document_uri, outcome


def _enter(changes: Changes, group: _Group) -> None:
    changes.add(group[1]["before"], group[1]["after"])
