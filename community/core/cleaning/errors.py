"""Why a recording cannot be cleaned."""


class Unreadable(ValueError):
    """The container is broken, or of a kind that is not known here."""


class NotOnlySound(ValueError):
    """There are pictures, texts or positions in it too, each with times of their own."""
