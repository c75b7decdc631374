"""Asking: what is asked about a document, of whichever provider, and what it answered.

identity    what makes two requests the same one
provider    the protocol of a service that answers
response    what came back from a call
verdict     what to do about it
dialogue    what to ask next, given every response so far
journal     every response that was paid for, under its request
lease       one run at a time works on a journal; lease_keeper renews it, holder says who has it
journal_place  where the journal is by default, and the name of a job on it
prices      what a response costs
case        the accounting of one document, made into an Answer or Failure
fallback    which failures another model is asked about
"""
