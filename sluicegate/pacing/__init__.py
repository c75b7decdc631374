"""Pacing: when a call may start. It knows neither documents nor Gemini."""
