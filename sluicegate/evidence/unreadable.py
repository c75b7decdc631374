"""The one error of the reader."""


class Unreadable(ValueError):  # noqa: N818 - the name its users agreed on
    """The bytes are no document that can be read: empty, cut, encrypted, or of unknown type."""
