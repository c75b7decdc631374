"""Document types: one definition, and all that is derived from it."""
