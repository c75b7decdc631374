"""Evaluation: two outputs compared, or one held against ground truth."""
