"""Errors of cleaning recordings."""


class Unreadable(ValueError):
    """Raised for a broken or unknown container."""


class NotOnlySound(ValueError):
    """Raised if the file also contains pictures, texts or positions."""
