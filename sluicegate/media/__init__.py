"""Media: from the bytes of a file to the parts of a request."""
