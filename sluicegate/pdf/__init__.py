"""PDF: whether a file is whole, and what its pages do not show."""
