"""What extracts documents with Gemini: Sluicegate's whole pipeline, and what people use today.

Each peer is a process of its own, which prints one JSON line of figures (`Figures`):

    python -m benchmarks.peers script --documents FOLDER --endpoint URL --key KEY
"""
