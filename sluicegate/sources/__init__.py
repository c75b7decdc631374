"""Sources: where documents come from. File patterns, and failure files of earlier runs."""
