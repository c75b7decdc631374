"""Evidence: where on a document's pages each value of a row stands, and which values to doubt.

The model reads, the page locates: no coordinate is asked of a model. Words with boxes come from a
page's text layer or from OCR; values are found among them by exact rules, in any of their readings.
"""
