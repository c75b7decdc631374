"""Batch jobs of both services, with states on a clock and faults on demand.

rules.py      what can go wrong with a job, and whom it hits
job.py        one job: its states, its rows, its results
jobs.py       all jobs, whoever asks for them: created, run, cancelled, listed late
files.py      the Developer API's files: uploaded in two requests, downloaded
developer.py  its paths and JSON
vertex.py     those of Vertex AI, which reads from and writes to Cloud Storage

Rows are answered by the same readers and meet the same faults as calls.
"""
