"""The one error of the reader."""


class Unreadable(ValueError):
    """The bytes are no document that can be read: empty, cut, encrypted, or of unknown type."""
