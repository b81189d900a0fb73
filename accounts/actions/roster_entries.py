"""Roster entries that staff add, correct or replace by hand."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.actions.claims import claim_for_roster
from accounts.actions.moves import NewOwner, change_owner, end_roster_entry, residency_of_entry
from accounts.actions.phone_numbers import change_roster_number
from accounts.actions.roster import is_shared, lock_roster_entries
from accounts.models import Residency, RosterEntry, User
from accounts.policies import must_edit_roster
from community.core import audit, changes
from community.core.errors import ActionError, Forbidden
from community.notifications import live


@dataclass(frozen=True)
class RosterDetails:
    """Details of a roster entry apart from the home and the mobile number."""

    name: str
    kind: str
    birth_year: int | None = None
    landline: str = ""


class AlreadyListed(ActionError):
    """Raised when the home has an entry with this name and number."""

    def __init__(self) -> None:
        words = _("This person is or was in the roster of this home. Please open that line.")
        super().__init__("already_listed", words, field="name")


def add_roster_entry(*, line: RosterEntry, by: User, now: datetime) -> RosterEntry:
    """Stores a new entry; a person who has signed in with its number gets the home at once, and is told.

    Raises ``Forbidden`` for actors outside the estate's desk and for the actor's own number (an entry gives a
    home away), and ``AlreadyListed``.
    """
    must_edit_roster(by, line.home.estate)
    if line.phone and line.phone == by.phone:
        raise Forbidden(_("A colleague must register you."))
    with transaction.atomic():
        _store(line)
        audit.record("roster_added", by=by, target=line, estate_id=line.home.estate.pk, kind=line.kind)
        claim_for_roster(estate=line.home.estate, now=now)
        live.notify_open_pages(f"board:{line.home.estate.pk}")
    return line


def correct_roster_entry(*, entry: RosterEntry, words: RosterDetails, by: User) -> None:
    """Corrects the details of an entry; the kind of the residency that rests on it follows.

    Use ``change_roster_number`` for the number. Without a change nothing is written. Raises ``Forbidden`` for
    actors outside the estate's desk, and ``AlreadyListed``.
    """
    must_edit_roster(by, entry.home.estate)
    with transaction.atomic():
        line = lock_roster_entries(RosterEntry.objects.filter(pk=entry.pk))[0]
        changes = {name: value for name, value in asdict(words).items() if getattr(line, name) != value}
        if not changes:
            return
        for name, value in changes.items():
            setattr(line, name, value)
        _store(line)
        if "kind" in changes:
            _update_kind(line)
        fields = sorted(changes)
        audit.record("roster_corrected", by=by, target=line, estate_id=line.home.estate.pk, fields=fields)


def replace_roster_entry(
    *, entry: RosterEntry, words: RosterDetails, phone: str, by: User, checked: str, now: datetime
) -> None:
    """Stores an entry as it reads now, with ``phone`` in E.164.

    A new number with the same name is a changed number. A new number with a new name is a new owner, or for
    other kinds another person: the former one moves out. Raises as the action of each case does:
    ``Forbidden``, ``AlreadyListed``, ``NotYoursToChange``, ``AlreadyMoved``.
    """
    if phone == entry.phone:
        correct_roster_entry(entry=entry, words=words, by=by)
    elif words.name == entry.name:
        change_roster_number(entry=entry, phone=phone, by=by, checked=checked, now=now)
        correct_roster_entry(entry=entry, words=words, by=by)
    elif words.kind == Residency.Kind.OWNER:
        owner = NewOwner(words.name, phone, words.birth_year, words.landline)
        change_owner(home=entry.home, owner=owner, by=by, checked=checked, leaving=[entry], now=now)
    else:
        end_roster_entry(entry=entry, by=by, checked=checked, now=now)
        add_roster_entry(line=RosterEntry(home=entry.home, phone=phone, **asdict(words)), by=by, now=now)


def _store(line: RosterEntry) -> None:
    try:
        with transaction.atomic():
            line.save()
    except IntegrityError as error:
        raise AlreadyListed from error


def _update_kind(line: RosterEntry) -> None:
    """Sets the kind of the residency that rests on this entry alone."""
    residency = None if line.ended_at or is_shared(line) else residency_of_entry(line)
    if residency is not None:
        with changes.of(residency):
            Residency.objects.filter(pk=residency.pk).exclude(kind=line.kind).update(kind=line.kind)
        live.notify_open_pages(f"resident:{residency.user_id}")
