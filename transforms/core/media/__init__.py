"""From a file's bytes to what a model takes: sniffing, checking, converting."""
