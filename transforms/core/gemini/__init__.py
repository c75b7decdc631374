"""Everything about Gemini: its models and prices, requests, replies, and the one client."""
