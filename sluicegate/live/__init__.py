"""Live: answers by paced calls.

The way of one document's call, room by room:

    transforms/generate.py          a batch's documents to `Engine.submit`, results to its outputs
    live/engine.py                  one engine a process: the loop's thread, what all threads share
    live/bridge.py                  documents to the loop, results back to Beam's threads
    live/document_worker.py         one document from its identity to an Answer or Failure
      asking/identity.py              the request's identity: content, prompt, schema, model
      asking/journal.py               has it been answered? then nothing is called or paid
      live/fetch.py, media/           bytes to checked parts, or the URI alone by reference
      live/checked.py                 the answer held against the pages; asked about again
      live/windowed.py                a long document in windows, each a request of its own
      asking/dialogue.py              what to call next, given every response so far
      live/retry_loop.py              one response, with retries
        pacing/limiter.py               the queue in front of
        pacing/pacer.py                 when a call may start: rate, in-flight limit, breaker
        pacing/shared_limit.py          a permit of the rate limit service, if there is one
        gemini/client.py                the HTTP request, through the provider protocol
        gemini/errors.py                an error to a verdict: whose fault it is, what to do
      asking/journal.py               the response is stored before it is judged
      asking/case.py                  tokens, dollars and attempts, into the Answer or Failure

Where to find:

    RetryInfo   read in gemini/error_details.py, obeyed in pacing/pacer.py (`Pacer.rejected`)
    price       asking/prices.py, filled by gemini/catalogue.py, applied in asking/case.py
    outage      counted in pacing/breaker.py, turned into the job's fault in live/retry_loop.py
    standstill  live/standstill.py says why; pipeline/progress_line.py shows it
    identity    asking/identity.py; what is left out: `DocumentType.generation_parameters`
    Ctrl-C      pipeline/launch.py calls `close_engines` (engine.py): calls in flight end and are
                journalled, no other starts
"""
