"""The commands review and correct: a page to look at rows, and what was said of them landed."""
