"""Landing: from answers to rows and failure lines, and what earlier runs have landed."""
