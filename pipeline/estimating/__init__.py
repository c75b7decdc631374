"""The estimate of a run: what --estimate does.

command   the command line's part: what is shown, exit codes
estimate  from settings to an estimate
listing   the input, counted; some files, read for their pages
sampling  the sample, really asked through the usual graph; what it took, from the journal
table     the estimate, as a person likes to read it
"""
