"""Evidence and doubt, measured on documents whose maker knows where it printed each value."""
