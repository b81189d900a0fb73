"""Staff accounts and roles, managed by the manager of the estate."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, ProtectedError
from django.utils.translation import gettext_lazy as _

from accounts.actions.approvals import Wanted, ask_approval
from accounts.actions.people import nothing_but_numbers
from accounts.actions.phone_numbers import NumberTaken
from accounts.actions.tokens import revoke_all_tokens
from accounts.models import Approval, StaffRole, User
from accounts.policies import must_end_role, must_give_role, must_manage_account, must_renew_access
from accounts.second_factor.factors import forget_factors
from community.core import audit, changes, clock
from community.core.dates import day_of
from community.core.errors import ActionError
from community.core.sweeps import sweep_rows
from community.estates.models import Estate
from community.notifications import live

# Names of the acts by two in the declaration of accounts.
ROLE, AUDITORS_ROLE = "role", "auditors_role"
MAX_AT_ONCE = 200
# Can be typed on any keyboard and dictated by phone.
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,29}")
USERNAME_WORDS = _("Small letters, digits, dots and dashes; at least two.")


class NameTaken(ActionError):
    """Raised when another member of staff signs in with this name."""

    def __init__(self) -> None:
        super().__init__("name_taken", _("Somebody else signs in by this name."), field="username")


class PasswordRefused(ActionError):
    """Raised when the new password is too weak; ``message`` says why."""

    def __init__(self, error: ValidationError) -> None:
        super().__init__("password_refused", " ".join(error.messages), field="password")


@dataclass(frozen=True)
class NewStaff:
    """A member of staff to be made; ``phone`` in E.164, "" for none."""

    username: str
    name: str
    phone: str = ""


@dataclass(frozen=True)
class NewRole:
    """A role to be given in an estate, from its first to its last day; None for no such day."""

    person: User
    estate: Estate
    role: str
    starts_on: date | None = None
    ends_on: date | None = None


def is_username(name: str) -> bool:
    """Whether members of staff may sign in by this name."""
    return bool(USERNAME.fullmatch(name))


def make_account(new: NewStaff, *, estate: Estate, roles: Sequence[str], by: User, now: datetime) -> User:
    """Creates a member of staff of the estate, who cannot sign in before choosing a password by a link, and asks
    for their roles.

    Raises ``ActionError`` for a wrong name or no role, ``Forbidden`` for a role that ``by`` may not give,
    ``NameTaken``, and ``NumberTaken`` if the phone belongs to a person: the maker of the account
    makes the link to its password and would get access to that person's data.
    """
    username = new.username.strip().lower()
    if not is_username(username):
        raise ActionError("name_not_possible", USERNAME_WORDS, field="username")
    if not roles:
        raise ActionError("role_missing", _("Please choose at least one role."), field="roles")
    try:
        with transaction.atomic():
            if new.phone:
                nothing_but_numbers().with_phone(new.phone).delete()
            person = User.objects.create_user(username=username, name=new.name.strip(), phone=new.phone)
    except (IntegrityError, ProtectedError) as error:
        raise (NameTaken if User.objects.filter(username=username).exists() else NumberTaken) from error
    audit.record("staff_account_made", by=by, target=person, estate_id=estate.pk)
    for role in roles:
        ask_role(NewRole(person, estate, role), by=by, now=now)
    return person


def ask_role(new: NewRole, *, by: User, now: datetime) -> Approval | None:
    """Asks for a role, to which a second person agrees; given at once where nobody else could agree.

    Returns None if the person has the role. Raises ``Forbidden`` for a role that ``by`` may not give, and
    ``ActionError`` with the field for days in the wrong order and while the same role waits for an answer.
    """
    must_give_role(by, StaffRole(user=new.person, estate=new.estate, role=new.role))
    today = clock.today(now)
    if new.ends_on is not None and new.ends_on < (new.starts_on or today):
        raise ActionError("ends_too_early", _("The last day is before the first one."), field="ends_on")
    same = StaffRole.ever.filter(user=new.person, estate=new.estate, role=new.role)
    if same.exclude(ends_on__lt=today).exists():
        return None
    given = {
        "person": new.person.pk,
        "role": new.role,
        "starts_on": new.starts_on.isoformat() if new.starts_on else "",
        "ends_on": new.ends_on.isoformat() if new.ends_on else "",
    }
    kind = AUDITORS_ROLE if new.role == StaffRole.Role.AUDITOR else ROLE
    return ask_approval(Wanted(kind, new.estate, f"{new.person.pk}:{new.role}", given), by=by, now=now)


def give_role(*, asked: Approval, by: User, now: datetime) -> None:
    """Gives the role of a request to which a second person has agreed. Repeating it changes nothing.

    Call it inside the transaction of the yes. Raises ``Forbidden`` for a role that ``by`` may not give, and
    ``ActionError`` if its last day is over or its person is not active.
    """
    assert asked.estate_id is not None
    # Locked: at the same moment, two others may make this person an administrator.
    person = User.objects.select_for_update().get(pk=asked.given["person"])
    role = asked.given["role"]
    starts_on, ends_on = (day_of(asked.given[name]) for name in ("starts_on", "ends_on"))
    must_give_role(by, StaffRole(user=person, estate_id=asked.estate_id, role=role))
    if not person.is_active or (ends_on is not None and ends_on < clock.today(now)):
        raise ActionError("role_too_late", _("This role cannot be given any more. Please decline it."))
    same = StaffRole.ever.filter(user=person, estate=asked.estate_id, role=role)
    same.over_on(clock.today(now)).delete()
    days = {"starts_on": starts_on, "ends_on": ends_on}
    _given, is_new = StaffRole.ever.get_or_create(
        user=person, estate_id=asked.estate_id, role=role, defaults=days
    )
    if is_new:
        until: dict[str, Any] = {name: day.isoformat() for name, day in days.items() if day}
        audit.record("staff_role_given", by=by, target=person, estate_id=asked.estate_id, role=role, **until)


def end_roles_of_the_past(*, now: datetime) -> int:
    """Deletes roles whose last day is over; returns how many. They were nowhere since that day ended."""
    over = StaffRole.ever.over_on(clock.today(now)).select_related("user")
    return sweep_rows(over[:MAX_AT_ONCE], _end_past_role, failing="accounts: role %s could not be ended")


def _end_past_role(held: StaffRole) -> int:
    with transaction.atomic():
        audit.record("staff_role_ended", by=None, target=held.user, estate_id=held.estate_id, role=held.role)
        held.delete()
    return 1


def end_role(*, held: StaffRole, by: User) -> None:
    """Takes a role away.

    Raises ``Forbidden`` for a role that ``by`` may not end, and ``ActionError`` for the last one: end the
    account instead.
    """
    must_end_role(by, held)
    if not StaffRole.ever.held_by(held.user).exclude(pk=held.pk).exists():
        raise ActionError("last_role", _("This is their last role. Please end the account instead."))
    with transaction.atomic():
        audit.record("staff_role_ended", by=by, target=held.user, estate_id=held.estate_id, role=held.role)
        held.delete()


def end_account(*, person: User, by: User, now: datetime) -> None:
    """Ends all roles, the password, the tokens and every session of a member of staff.

    A person who lives here too goes on as a resident, by their number. Repeating it changes nothing. Raises
    ``Forbidden``.
    """
    roles = list(StaffRole.ever.held_by(person))
    if not roles and not person.is_staff and not person.has_usable_password():
        return
    must_manage_account(by, person)
    with transaction.atomic():
        for held in roles:
            must_end_role(by, held)
            audit.record("staff_role_ended", by=by, target=person, estate_id=held.estate_id, role=held.role)
            held.delete()
        person.is_staff = False
        _sign_out_everywhere(person)
        forget_factors(person)
        tokens = revoke_all_tokens(user=person, by=by, now=now)
        for estate in {held.estate_id for held in roles}:
            audit.record("staff_account_ended", by=by, target=person, estate_id=estate, tokens=tokens)


def renew_access(*, person: User, by: User, now: datetime) -> None:
    """Voids a lost or exposed password and the tokens; a new password is chosen by a link.

    Raises ``Forbidden``.
    """
    must_renew_access(by, person)
    with transaction.atomic():
        _sign_out_everywhere(person)
        revoke_all_tokens(user=person, by=by, now=now)
        audit.record("staff_link_made", by=by, target=person)


def _sign_out_everywhere(person: User) -> None:
    person.set_unusable_password()
    person.save(update_fields=["password", "is_staff"])
    with changes.covering(User):
        User.objects.filter(pk=person.pk).update(session_epoch=F("session_epoch") + 1)
    person.refresh_from_db(fields=["session_epoch"])
    live.access_ended(person.pk)


def choose_password(*, user: User, password: str, is_first: bool = False) -> None:
    """Sets the person's own password and ends their other sessions.

    The page keeps the present session with ``update_session_auth_hash``. Raises ``PasswordRefused``.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise PasswordRefused(error) from error
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        audit.record("password_changed", by=user, target=user, first=is_first)
