"""Staff accounts and roles, managed by the manager of the estate."""

import re
from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, ProtectedError
from django.utils.translation import gettext_lazy as _

from accounts.actions.people import nothing_but_numbers
from accounts.actions.phone_numbers import NumberTaken
from accounts.actions.tokens import revoke_all_tokens
from accounts.models import StaffRole, User
from accounts.policies import must_end_role, must_give_role, must_manage_account, must_renew_access
from accounts.second_factor.factors import forget_factors
from community.core import audit, changes
from community.core.errors import ActionError
from community.estates.models import Estate
from community.notifications import live

# Can be typed on any keyboard and dictated by phone.
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,29}")


class NameTaken(ActionError):
    """Raised when another member of staff signs in with this name."""

    def __init__(self) -> None:
        super().__init__("name_taken", _("Somebody else signs in by this name."), field="username")


class PasswordRefused(ActionError):
    """Raised when the new password is too weak; ``message`` says why."""

    def __init__(self, error: ValidationError) -> None:
        super().__init__("password_refused", " ".join(error.messages), field="password")


def make_account(
    *, estate: Estate, username: str, name: str, phone: str = "", roles: Sequence[str], by: User
) -> User:
    """Creates a member of staff of the estate, who cannot sign in before choosing a password by a link.

    Raises ``ActionError`` for a wrong name or no role, ``Forbidden`` for a role that ``by`` may not give,
    ``NameTaken``, and ``NumberTaken`` if ``phone`` (E.164) belongs to a person: the maker of the account
    makes the link to its password and would get access to that person's data.
    """
    username = username.strip().lower()
    if not USERNAME.fullmatch(username):
        words = _("Small letters, digits, dots and dashes; at least two.")
        raise ActionError("name_not_possible", words, field="username")
    if not roles:
        raise ActionError("role_missing", _("Please choose at least one role."), field="roles")
    try:
        with transaction.atomic():
            if phone:
                nothing_but_numbers().with_phone(phone).delete()
            person = User.objects.create_user(username=username, name=name.strip(), phone=phone)
    except (IntegrityError, ProtectedError) as error:
        raise (NameTaken if User.objects.filter(username=username).exists() else NumberTaken) from error
    audit.record("staff_account_made", by=by, target=person, estate_id=estate.pk)
    for role in roles:
        give_role(person=person, estate=estate, role=role, by=by)
    return person


def give_role(*, person: User, estate: Estate, role: str, by: User) -> None:
    """Gives a role in this estate. Repeating it changes nothing.

    Raises ``Forbidden`` for a role that ``by`` may not give.
    """
    given = StaffRole(user=person, estate=estate, role=role)
    must_give_role(by, given)
    with transaction.atomic():
        _given, is_new = StaffRole.objects.get_or_create(user=person, estate=estate, role=role)
        if not is_new:
            return
        audit.record("staff_role_given", by=by, target=person, estate_id=estate.pk, role=role)


def end_role(*, held: StaffRole, by: User) -> None:
    """Takes a role away.

    Raises ``Forbidden`` for a role that ``by`` may not end, and ``ActionError`` for the last one: end the
    account instead.
    """
    must_end_role(by, held)
    if not StaffRole.objects.held_by(held.user).exclude(pk=held.pk).exists():
        raise ActionError("last_role", _("This is their last role. Please end the account instead."))
    with transaction.atomic():
        audit.record("staff_role_ended", by=by, target=held.user, estate_id=held.estate_id, role=held.role)
        held.delete()


def end_account(*, person: User, by: User, now: datetime) -> None:
    """Ends all roles, the password, the tokens and every session of a member of staff.

    A person who lives here too goes on as a resident, by their number. Repeating it changes nothing. Raises
    ``Forbidden``.
    """
    roles = list(StaffRole.objects.held_by(person))
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
