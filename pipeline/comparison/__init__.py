"""The commands that look at what runs left behind: compare and evaluate."""
