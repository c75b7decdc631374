"""The flow of calls: when one may start, when it is tried again, and the engine that does it."""
