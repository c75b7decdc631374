"""What a run will cost, before it: from a listing, a look into some files, and a few real answers.

census      the input by kind and size in one pass, and a fair draw from each
plan        which documents to read, and which of those to ask
regression  from a sample to a total with an interval
costs       dollars, tokens and calls of all documents, by what those of the sample took
arithmetic  the same without a single call: rough
result      what an estimate says, as JSON
notes       what it leaves out, in sentences

All of it is pure; pipeline/estimating lists, reads and asks.
"""
