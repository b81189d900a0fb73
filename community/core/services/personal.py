"""The form in which an app says which of its rows are about people, and what of them is still open."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from community.core.services.words import Words


@dataclass(frozen=True)
class Personal:
    """Rows of a model that belong to people, to export or to erase with them.

    ``model`` is its label. ``about``: the lookups by which a row leads to the person it is about.
    ``by``: those to people who wrote or did something, and are only named in it.
    """

    model: str
    about: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    # Rows about an erased person are deleted; others stay without names and words.
    goes: bool = False
    # Columns with names or words that are not encrypted; they are emptied like those that are.
    plain: tuple[str, ...] = ()
    # Columns with the name of another person, which no copy of the data shows.
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Open:
    """Something under way, in words, that must end before a person can be deleted, and where it ends."""

    words: str
    url: str


@dataclass(frozen=True)
class DataUse:
    """The use that an app makes of personal data, in words of a primary school."""

    label: Words
    why: Words
    kept: Words
    # Page on which the person sees and corrects it.
    url_name: str
    icon: str = "clipboard"
    position: int = 50
    # Returns what is still open for a person.
    open_matters: Callable[[Any], Iterable[Open]] = lambda _person: ()
