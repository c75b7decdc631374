"""Two outputs held against each other, or one against ground truth: what differs, and how often."""
