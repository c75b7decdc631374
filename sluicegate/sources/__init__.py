"""Sources: where documents come from, file patterns and failure files of earlier runs."""
