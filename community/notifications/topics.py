"""Topics of rows: what of other people's pages changes when a row does, by the fields that all models share.

``resident:1`` what concerns a person, ``home:2`` a household, ``estate:3`` everyone of an estate at once,
``desk:repairs:3`` what staff of an estate count in one area. Home pages depend on all of the first three that
their person may see, the side nav on the last.
"""

from collections.abc import Iterable
from typing import Any

from community.core.changes import EVERYTHING, TopicsOf, watch

# Stands for the estate in topics of what system administrators count in all of them.
EVERYWHERE = 0
PEOPLE = ("resident_id", "user_id", "delegate_id", "charged_to_id", "reader_id")


def estate_topic(estate_pk: int) -> str:
    """Returns the topic of what concerns every home of an estate at once, such as its monthly bills."""
    return f"estate:{estate_pk}"


def home_topic(home_pk: int) -> str:
    return f"home:{home_pk}"


def resident_topic(user_pk: int) -> str:
    return f"resident:{user_pk}"


def desk_topic(area: str, estate_pk: int) -> str:
    """Returns the topic of what staff of an estate count in an area."""
    return f"desk:{area}:{estate_pk}"


def of_row(area: str = "", *, estate: str = "estate_id") -> TopicsOf:
    """Returns the topics of a row by its fields: its people and its home, and with ``area`` the staff of the
    estate, which ``estate`` names (``payment.estate_id``).
    """

    def topics(row: Any) -> Iterable[str]:
        for name in PEOPLE:
            if found := getattr(row, name, None):
                yield resident_topic(found)
        if found := getattr(row, "home_id", None):
            yield home_topic(found)
        if area and (found := _estate_of(row, estate)):
            yield desk_topic(area, found)

    return topics


def _estate_of(row: Any, path: str) -> int | None:
    """Returns the key of the row's estate; None for a row of nobody yet, such as a call about an unknown order."""
    for name in path.split("."):
        row = getattr(row, name) if row is not None else None
    return row


def everything(row: Any) -> Iterable[str]:
    """Returns the topic of all that is kept: for words and names that stand on many pages and change rarely."""
    return [EVERYTHING]


def watch_all(topics_of: TopicsOf, *models: type, by_statement: bool = True) -> None:
    """Watches these models by the same topics."""
    for model in models:
        watch(model, topics_of, by_statement=by_statement)
