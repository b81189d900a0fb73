"""What staff write into the roster by hand: a new line, and what was wrong with one."""

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
from community.core import audit
from community.core.errors import ActionError, Forbidden
from community.notifications import live


@dataclass(frozen=True)
class RosterDetails:
    """What a line says of its person besides the home and the mobile number."""

    name: str
    kind: str
    birth_year: int | None = None
    landline: str = ""


class AlreadyListed(ActionError):
    """The home has a line of this name and number."""

    def __init__(self) -> None:
        words = _("This person is or was in the roster of this home. Please open that line.")
        super().__init__("already_listed", words, field="name")


def add_roster_entry(*, line: RosterEntry, by: User, now: datetime) -> RosterEntry:
    """Store a new line; whoever has signed in by its number has the home at once, and is told.

    The roster gives homes away: nobody writes their own number into it. Raises ``AlreadyListed``.
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
    """Put right what a line says of its person; the kind of who lives there by it follows.

    Their number is changed by ``change_line_number``, which asks what was checked. With nothing to
    correct nothing happens. Raises ``AlreadyListed``.
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
            _follow(line)
        fields = sorted(changes)
        audit.record("roster_corrected", by=by, target=line, estate_id=line.home.estate.pk, fields=fields)


def replace_roster_entry(
    *, entry: RosterEntry, words: RosterDetails, phone: str, by: User, checked: str, now: datetime
) -> None:
    """A line as it reads now, with its number in E.164.

    Another number is the same person's. With another name too it is another owner, or another person: who
    had the line moves out.
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


def _follow(line: RosterEntry) -> None:
    """The residency that rests on this line alone is of its kind."""
    residency = None if line.ended_at or is_shared(line) else residency_of_entry(line)
    if residency is not None:
        Residency.objects.filter(pk=residency.pk).exclude(kind=line.kind).update(kind=line.kind)
        live.notify_open_pages(f"resident:{residency.user_id}")
