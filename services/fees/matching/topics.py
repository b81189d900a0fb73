"""Topics of matched days and their differences: whose side nav counts them."""

from collections.abc import Iterable

from community.notifications.topics import desk_topic
from services.fees.models import BankSheet, MatchingDay, MatchingDifference


def of_difference(row: MatchingDifference) -> Iterable[str]:
    """Returns the topics of the cashiers who see a difference; without an estate, of all of the account."""
    estates = [row.estate_id] if row.estate_id else row.day.estates().values_list("pk", flat=True)
    return [desk_topic("fees", pk) for pk in estates]


def of_day(_row: MatchingDay | BankSheet) -> Iterable[str]:
    """Returns none: the account, the date and the file of a day, by which differences are counted, never change."""
    return ()
