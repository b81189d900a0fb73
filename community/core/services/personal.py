"""The form in which a service says which of its rows are about people."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Personal:
    """Rows of a model that belong to people, to export or to erase with them.

    ``model`` is its label. ``about``: the lookups by which a row leads to the person it is about.
    ``by``: those to people who wrote or did something, and are only named in it.
    """

    model: str
    about: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
