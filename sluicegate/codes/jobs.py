"""What can be wrong with a whole job: it stops the calls with one sentence.

The code stands in brackets at the end of the run's last line.
"""

from sluicegate.codes.code import Code

JOB_CODES: dict[str, Code] = {
    # start
    "bad_credentials": Code(
        "job",
        "start",
        retryable=False,
        meaning="the API key or the credentials are missing, unreadable or not accepted",
        remedy="set GEMINI_API_KEY, --api_key_secret or application default credentials",
        ends_calls=True,
    ),
    "rows_unusable": Code(
        "job",
        "start",
        retryable=False,
        meaning="what is to be compared or scored has rows that no run of this product wrote",
        remedy="give the output of a run",
    ),
    "failures_unusable": Code(
        "job",
        "start",
        retryable=False,
        meaning="what is to be compared or scored has lines that are no failure records",
        remedy="give the failures of a run, with nothing else under that path",
    ),
    "truth_unusable": Code(
        "job",
        "start",
        retryable=False,
        meaning="the truth to score against cannot be used",
        remedy="mend the line that the message shows",
    ),
    "journal_in_use": Code(
        "job",
        "start",
        retryable=True,
        meaning="another run works on this journal, or took it over while this one was not heard "
        "of (a machine that slept): two would pay twice",
        remedy="let the run that the message names end, or stop it, then run the same command "
        "again",
    ),
    # match
    "input_unreadable": Code(
        "job",
        "match",
        retryable=True,
        meaning="an input pattern or list cannot be listed, or a document cannot be looked at",
        remedy="check the name and the permissions of whoever runs the workers",
    ),
    "replay_unreadable": Code(
        "job",
        "match",
        retryable=True,
        meaning="the failure files to replay cannot be read",
        remedy="check --replay and the permissions",
    ),
    "output_unreadable": Code(
        "job",
        "match",
        retryable=True,
        meaning="rows or failures of earlier runs cannot be read",
        remedy="check permissions and what lies under the path; or --resume=false",
    ),
    # read
    "storage_unavailable": Code(
        "job",
        "read",
        retryable=True,
        meaning="the store gave no answer for longer than --outage_patience",
        remedy="run the same command again later",
    ),
    "journal_unreadable": Code(
        "job",
        "read",
        retryable=True,
        meaning="the journal cannot be read, so what was paid for is unknown",
        remedy="check the permissions of --journal",
    ),
    "journal_too_new": Code(
        "job",
        "read",
        retryable=False,
        meaning="the journal was written by a later version",
        remedy="use that version, or another --journal",
    ),
    # generate
    "unknown_model": Code(
        "job",
        "generate",
        retryable=False,
        meaning="the service knows no such model there, or not for this project",
        remedy="check --model, --gemini_location and --gemini_endpoint",
        ends_calls=True,
    ),
    "permission_denied": Code(
        "job",
        "generate",
        retryable=False,
        meaning="the credentials may not call the model",
        remedy="the message has the service's reason: a role, a disabled API, billing, a perimeter",
        ends_calls=True,
    ),
    "request_refused": Code(
        "job",
        "generate",
        retryable=False,
        meaning="the service refuses the requests of this document type or model",
        remedy="change what the message names: the schema, a parameter, --model; or see whether "
        "the input is what it should be, if the first documents were refused one by one",
        ends_calls=True,
    ),
    "service_refused": Code(
        "job",
        "generate",
        retryable=False,
        meaning="the service, or something before it, refuses this project or place",
        remedy="the message has its reason",
        ends_calls=True,
    ),
    "daily_quota_exhausted": Code(
        "job",
        "generate",
        retryable=True,
        meaning="the model's daily quota is used up",
        remedy="run the same command again tomorrow; it goes on from here",
        ends_calls=True,
    ),
    "no_quota": Code(
        "job",
        "generate",
        retryable=False,
        meaning="this project, tier or region has no quota for the model: its limit is 0",
        remedy="enable billing, request quota, or choose another --model or --gemini_location",
        ends_calls=True,
    ),
    "billing_stopped": Code(
        "job",
        "generate",
        retryable=False,
        meaning="a spending cap is reached or prepaid credit is used up",
        remedy="raise the cap or add credit, then run the same command again",
        ends_calls=True,
    ),
    "outage": Code(
        "job",
        "generate",
        retryable=True,
        meaning="no call succeeded for longer than --outage_patience",
        remedy="run the same command again later",
        ends_calls=True,
    ),
    "rejected_throughout": Code(
        "job",
        "generate",
        retryable=True,
        meaning="every call was rejected (429) and none answered for longer than --outage_patience",
        remedy="the message has the service's reason; run the same command again once there is "
        "quota, or with a longer --outage_patience",
    ),
    "no_capacity": Code(
        "job",
        "generate",
        retryable=True,
        meaning="no call found capacity at its tier for as long as --document_deadline",
        remedy="run the same command again later, with --flex_fallback=deadline, or with "
        "--processing=standard",
        ends_calls=True,
    ),
    "rate_limit_service_unavailable": Code(
        "job",
        "generate",
        retryable=True,
        meaning="the rate limit service gave no answer for longer than --outage_patience",
        remedy="start it, or correct --rate_limit_service",
        ends_calls=True,
    ),
    "budget_reached": Code(
        "job",
        "generate",
        retryable=True,
        meaning="--max_cost_usd is reached: what is left covers no further call",
        remedy="run the same command again: it pays for the rest, up to its own --max_cost_usd",
        ends_calls=True,
        as_told=True,
    ),
    "stopped": Code(
        "job",
        "generate",
        retryable=True,
        meaning="the run was stopped while calls were under way",
        remedy="run the same command again; it goes on from here",
    ),
    # write
    "journal_unwritable": Code(
        "job",
        "write",
        retryable=True,
        meaning="the journal cannot be written: no call is made, or an answer that was paid for is "
        "not kept",
        remedy="free space or mend the permissions of --journal, then run again",
    ),
    "load_refused": Code(
        "job",
        "write",
        retryable=False,
        meaning="BigQuery refuses to load rows into the table",
        remedy="the message has BigQuery's reason: a role, a column, a location; then run the same "
        "command again: no answer is paid for twice",
    ),
    "load_failed": Code(
        "job",
        "write",
        retryable=True,
        meaning="BigQuery could not load the rows for a reason that passes, several times over",
        remedy="run the same command again later: no answer is paid for twice",
    ),
    "summary_unwritable": Code(
        "job",
        "write",
        retryable=True,
        meaning="the summary cannot be written",
        remedy="free space or mend permissions of --summary, then run again: no answer is paid for "
        "twice",
    ),
    "report_unwritable": Code(
        "job",
        "write",
        retryable=True,
        meaning="the report of compare or evaluate cannot be written",
        remedy="free space or mend permissions of --report, then run again",
    ),
    "ledger_unbalanced": Code(
        "job",
        "write",
        retryable=False,
        meaning="matched is not rows + failures + skipped + waiting: a document was lost or "
        "counted twice",
        remedy="keep the run's files and report it: this is a fault of Sluicegate",
    ),
    "too_many_failures": Code(
        "job",
        "write",
        retryable=False,
        meaning="more of the documents failed than --max_failure_ratio allows; rows and failures "
        "have landed",
        remedy="see the failures by code, mend what they say and replay them; or allow more",
    ),
}
