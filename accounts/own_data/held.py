"""Counts the rows held of a person, by the apps that hold them."""

from dataclasses import dataclass, field

from accounts.models import User
from accounts.own_data.rows import model_of, rows_about, words_of
from community.core.services import DataUse, holders, in_order, is_off


@dataclass
class Held:
    """The data that one app holds: its words, and how many rows of which kinds."""

    use: DataUse
    # Whether its page can be opened.
    has_page: bool
    kinds: list[tuple[str, int]] = field(default_factory=list)
    count: int = 0


def held_of(person: User) -> list[Held]:
    """Returns what is held of the person by purpose; apps without rows about them are left out.

    Rows of apps that have no purpose of their own serve the others, and stand in the copy.
    """
    uses = {id(app.data_use): app for app in holders() if app.data_use is not None}
    found = []
    for use in in_order(app.data_use for app in uses.values() if app.data_use is not None):
        app = uses[id(use)]
        held = Held(use, has_page=not is_off(getattr(app, "key", "")))
        for declared in app.personal:
            number = rows_about(person, declared).count() if declared.about else 0
            words = words_of(model_of(declared))
            if number and words and words not in dict(held.kinds):
                held.kinds.append((words, number))
            held.count += number
        if held.count:
            found.append(held)
    return found
