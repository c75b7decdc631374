"""Batch jobs of both services, with states on a clock and faults on demand.

rules.py      what can go wrong with a job, and whom it hits
lines.py      the input of a job: keys and requests
job.py        one job: its states, its rows, its results
jobs.py       all jobs, whoever asks for them: created, run, cancelled, listed late
developer.py  the Developer API's paths and JSON, its files: uploaded in two requests, downloaded
vertex.py     those of Vertex AI, which reads from and writes to Cloud Storage
desk.py       where requests of both come in

Rows are answered by the same readers and meet the same faults as calls.
"""
