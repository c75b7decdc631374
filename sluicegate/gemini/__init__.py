"""Gemini: the provider. The one room that knows its API."""
