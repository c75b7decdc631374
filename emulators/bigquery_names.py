"""Files by which tests and the BigQuery stand-in's process tell each other things."""

FOLDER = "SLUICEGATE_BIGQUERY_FOLDER"  # the variable that says where they lie
FAULTS = "load_faults.json"  # what the next load jobs fail with
SECONDS = "load_seconds.json"  # how long load jobs run
LOADS = "load_jobs.jsonl"  # what became of load jobs so far, a line each time
SESSIONS = "read_sessions.jsonl"  # what read sessions were asked for
EXPIRED = "sessions_expired"  # while it is there, the next read finds its session expired
