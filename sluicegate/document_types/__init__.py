"""Document types: what is extracted, and the schemas and models derived from it."""
