"""Batch: answers by batch jobs, at half the price and within a day.

One run is one step, and running the same command again is polling:

    collect   collecting.py       every open shard as far as it goes: sent, found, harvested
    answer    routing.py          the usual graph; what is asked for in an open job is waiting
    plan      engine.py           what the journal lacks is written into shards
    create    placing.py          each shard is claimed by the next number, its job created

The journal is the hinge: harvested answers lie in it like those of calls, and nothing that lands
rows knows of jobs. What a run left behind that was killed at any moment, the next one takes on:

    register.py, manifest.py   numbered manifests, each step of which one run takes
    sending.py                 a job created once, and found again without its name
    members.py, drafts.py      who is in a shard, and what its job reads
    results.py, harvest.py     rows joined by key, and stored once
    watchdog.py, board.py      what to do about a job that takes long; how all of them stand
    connect.py                 plain settings in, the parts above out

It uses `live` for its stores and for fetching documents, and implements no provider: that is the
protocol of `asking/batch_service.py`.
"""
