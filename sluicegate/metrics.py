"""The names of all Beam metrics, once. Pairs make loss visible: what goes in and what comes out."""

NAMESPACE = "sluicegate"

MATCHED = "documents_matched"
ROWS = "documents_to_rows"
FAILURES = "documents_to_failures"
SKIPPED = "documents_skipped"  # done by an earlier run
FALLBACKS = "documents_asked_another_model"
CALLS = "gemini_calls"
REJECTED = "gemini_calls_rejected_429"
RETRIES = "gemini_calls_retried"
INPUT_TOKENS = "tokens_in"  # billed ones, cached included, of failed documents too
OUTPUT_TOKENS = "tokens_out"  # thoughts included
COST = "cost_micro_usd"  # millionths of a dollar; nothing where the model's price is unknown
# Beam's own name: Dataflow's autoscaler reads it to see that workers wait and not work.
THROTTLED_SECONDS = "cumulativeThrottlingSeconds"
