"""Servers and clients in virtual time: an hour of a quota in a second, the same for every seed."""
