"""What extracts documents with Gemini: Sluicegate's whole pipeline, and what people use today.

Each contender is a process of its own, which prints one JSON line of figures (`Figures`):

    python -m benchmarks.contenders script --documents FOLDER --endpoint URL --key KEY
"""
