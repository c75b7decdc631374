"""The local cloud: stand-ins for Cloud Storage, BigQuery and Gemini on this machine's loopback.

Nothing here is shipped. It is what the tests, the benchmarks and the local run use instead of an
account: real servers, on free loopback ports, which the real client libraries talk to.
"""
