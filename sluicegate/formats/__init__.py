"""Formats: what a file is by its bytes, what a model takes of it, and pictures as pixels."""
