"""Document types: what is extracted, and all that is derived from it."""
