"""Sample documents that are made, not collected: invoices, things like them, and broken files.

Everything in them is invented: companies, places, account and tax numbers.
"""
