"""Ten million documents without one byte: the real graph on a simulated bucket, table and model."""
