"""Completeness: whether an answer has all that its document holds, found without a model.

    check.py       everything that is looked at, to findings
    tables.py      lines of the text layer that look like an answer's rows, and are none of them
    sums.py        sums, balances and counts, held against what the pages print
    records.py     pages in no record; "page 2 of 3" where a record begins or ends otherwise

All pure. What follows from findings is decided in live/windowed.py.
"""
