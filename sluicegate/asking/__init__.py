"""Asking: what is asked about a document and what came of it, whoever is asked."""
