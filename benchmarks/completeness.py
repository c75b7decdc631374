"""Whether short and muddled answers are seen: 200 batches, true answers, each lie told of them.

    python -m benchmarks.completeness               a minute of CPU
    python -m benchmarks.completeness --batches 30

The answers are the samples' truth, about whole files of 1 to 20 invoices, so that nothing is
measured but the check itself: how many true answers it has something to say about, and how many of
those that a lie has changed. The exit code is 1 where one passes unseen.
"""

import argparse
import sys
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from benchmarks.long_documents import HEADER, batch_type
from emulators.gemini.exact_json import dumps
from emulators.gemini.lies import LIES, told
from samples.batches import make_batch
from samples.generator import Sample
from sluicegate.completeness.check import find
from sluicegate.document_types import many
from sluicegate.pdf.lines import read_lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.completeness")
    parser.add_argument("--batches", type=int, default=200, metavar="N")
    options = parser.parse_args(arguments)
    told_of, seen = dict.fromkeys(("", *LIES), 0), dict.fromkeys(("", *LIES), 0)
    for number in range(options.batches):
        for lie, flagged in flags(make_batch(22, number)).items():
            told_of[lie] += 1
            seen[lie] += flagged
    print("| answers | files | flagged |")
    print("|---|---|---|")
    for lie, count in told_of.items():
        print(f"| {lie or 'true'} | {count} | {seen[lie]} |")
    return 0 if all(seen[lie] == told_of[lie] for lie in LIES) else 1


def flags(sample: Sample) -> dict[str, bool]:
    """Return of the true answer ("") and of each lie that changes it whether it is flagged."""
    kind, pages, lines = batch_type(), sample.truth["pages"], read_lines(sample.data)
    true = true_answer(sample)
    answers = {"": true} | {lie: told(lie, true) for lie in LIES}
    return {
        lie: bool(find(dumps(answer), kind, pages, lines))
        for lie, answer in answers.items()
        if not lie or answer != true
    }


def true_answer(sample: Sample) -> dict[str, Any]:
    """Return what an honest model would answer about a batch."""
    records = sample.truth["records"]
    return {
        many.RECORD_COUNT: len(records),
        many.RECORDS: [
            {
                many.FIRST_PAGE: each["first_page"],
                many.LAST_PAGE: each["last_page"],
                many.VALUES: _values(each),
            }
            for each in records
        ],
        many.SET_ASIDE: sample.truth["set_aside"],
    }


def _values(record: dict[str, Any]) -> dict[str, Any]:
    lines = [
        {**line, "quantity": Decimal(line["quantity"]), "total": Decimal(line["total"])}
        for line in record["line_items"]
    ]
    header = {name: record[name] for name in HEADER}
    return {**header, "total_amount": Decimal(record["total_amount"]), "line_items": lines}


if __name__ == "__main__":
    sys.exit(main())
