"""All Beam metrics: each is declared once, with what it counts. docs/monitoring.md shows the table.

Pairs make loss visible: what goes in and what comes out.
"""

NAMESPACE = "sluicegate"

# Name to meaning, in the order of the documents' way.
COUNTERS: dict[str, str] = {}


def _counter(name: str, counts: str) -> str:
    COUNTERS[name] = counts
    return name


MATCHED = _counter("documents_matched", "documents that were found")
ROWS = _counter("documents_to_rows", "documents that became a row, or several")
PARTLY = _counter("documents_partly_to_rows", "those of them with a record that became none")
NEED_REVIEW = _counter("rows_need_review", "rows that a person should look at")
FAILURES = _counter("documents_to_failures", "documents that became a failure record")
RECORDS = _counter("records_to_rows", "records of documents that became a row")
RECORD_FAILURES = _counter(
    "records_to_failures", "records of documents, of a type for many, that became a failure record"
)
PAGES_UNCITED = _counter(
    "pages_uncited", "pages that are in no record and that the answer did not set aside"
)
FALLBACKS = _counter(
    "documents_asked_another_model", "documents that went on to one of `--fallback_models`"
)
SKIPPED = _counter("documents_skipped", "documents whose row an earlier run had landed")
WAITING = _counter(
    "documents_waiting", "documents left for the next run, since a fault of the job ended the calls"
)
CALLS = _counter("gemini_calls", "calls that were made")
REJECTED = _counter("gemini_calls_rejected_429", "calls that the quota rejected; not billed")
SHED = _counter(
    "gemini_calls_without_capacity",
    "calls that their tier had no room for (flex), not billed",
)
RETRIES = _counter("gemini_calls_retried", "calls that were repeated for any reason")
INPUT_TOKENS = _counter(
    "tokens_in", "tokens sent, as billed; cached ones included, and those of failed documents"
)
OUTPUT_TOKENS = _counter("tokens_out", "tokens answered, as billed; thoughts included")
COST = _counter(
    "cost_micro_usd",
    "millionths of a dollar, by the catalogue's prices, for documents as they end. Nothing for a "
    "model without a price",
)
COST_STANDARD = _counter("cost_micro_usd_standard", "those of them that the standard tier served")
COST_FLEX = _counter("cost_micro_usd_flex", "those that flex served, at half the price")
COST_BATCH = _counter("cost_micro_usd_batch", "those that batch jobs served, at half the price")
COST_OTHER = _counter("cost_micro_usd_other", "those that any other tier served")
# By the tier that served; COST_OTHER for one that is not among them.
COST_BY_TIER = {"standard": COST_STANDARD, "flex": COST_FLEX, "batch": COST_BATCH}
# Beam's own name: Dataflow's autoscaler reads it to tell workers that wait from those that work.
THROTTLED_SECONDS = _counter(
    "cumulativeThrottlingSeconds",
    "seconds that a process was held back by the quota, or a tier without capacity; Dataflow's "
    "autoscaler reads it too",
)


def reference() -> str:
    """Return the table of metrics, in Markdown."""
    rows = (f"| `{name}` | {counts} |" for name, counts in COUNTERS.items())
    return "\n".join(("| metric_name | counts |", "|---|---|", *rows, ""))
