"""A person's own name, number, language and mode."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _

from accounts.models import Delegation, User
from accounts.models.people import UserQuerySet
from accounts.policies import must_be_desk_for_all_homes_of
from community.core import audit, changes
from community.core.encryption import blind_indexes
from community.core.errors import ActionError

UNVERIFIED_AGE = timedelta(days=1)
MAX_AT_ONCE = 500


def person_with_phone(phone: str) -> User:
    """Returns the holder of ``phone`` (E.164), creating a person without a name if there is none.

    Known and unknown numbers then behave alike in everything that follows.
    """
    known = User.objects.with_phone(phone).first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return User.objects.create_user(phone=phone)
    except IntegrityError:  # created by another request at the same moment
        return User.objects.with_phone(phone).get()


def holder_of(phone: str) -> User:
    """Returns the person to whom a home or a delegation is given by their number (E.164).

    Raises ``ActionError`` if the number was entered for a staff account and never confirmed: it may belong to
    another person, and the maker of the account also made the link to its password.
    """
    person = person_with_phone(phone)
    if person.username and person.phone_verified_at is None:
        words = _(
            "This number stands at a staff account and was never confirmed. Please ask the administrator."
        )
        raise ActionError("number_unconfirmed", words, field="phone")
    return person


def people_with_phones(phones: Sequence[str]) -> list[int]:
    """Returns the keys of the holders of these numbers (E.164), creating people for unknown numbers."""
    found: list[int] = []
    for start in range(0, len(phones), MAX_AT_ONCE):
        some = dict.fromkeys(phones[start : start + MAX_AT_ONCE])
        indexes = {index: phone for phone in some for index in blind_indexes(phone)}
        there = User.objects.filter(phone_index__in=indexes)
        known = {indexes[index] for index in there.values_list("phone_index", flat=True)}
        new = [User(phone=phone) for phone in some if phone not in known]
        for person in new:
            person.set_unusable_password()
        try:
            with transaction.atomic(), changes.covering(User):
                User.objects.bulk_create(new)
        except IntegrityError:  # a first sign-in created the row at the same moment
            for person in new:
                person_with_phone(person.phone)
        found += there.order_by("pk").values_list("pk", flat=True)
    return found


def verify_phone(*, user: User, now: datetime) -> None:
    """Records that the person typed the code sent to their number. The first time is kept."""
    if user.phone_verified_at is None:
        user.phone_verified_at = now
        user.save(update_fields=["phone_verified_at"])


def take_name(user: User, name: str) -> None:
    """Sets the name of a person who has none."""
    if not user.name and name.strip():
        user.name = name.strip()
        user.save(update_fields=["name"])


def rename(*, user: User, name: str, by: User) -> None:
    """Sets a person's name, for themselves or for the desk of all their homes.

    Raises ``ActionError`` for an empty name and, as ``Forbidden``, for any other actor.
    """
    if by.pk != user.pk:
        must_be_desk_for_all_homes_of(by, user)
    if not name.strip():
        raise ActionError("name_missing", _("Please write your name."), field="name")
    with transaction.atomic():
        user.name = name.strip()
        user.save(update_fields=["name"])
        if by.pk != user.pk:
            audit.record("renamed", by=by, target=user)


def set_language(*, user: User, language: str) -> None:
    """Stores the language of the person's pages and messages."""
    with changes.covering(User):
        User.objects.filter(pk=user.pk).exclude(language=language).update(language=language)


def set_mode(*, user: User, large: bool) -> None:
    """Stores whether the person uses the large mode (大字版)."""
    with changes.covering(User):
        User.objects.filter(pk=user.pk).exclude(prefers_large=large).update(prefers_large=large)


def set_mode_for(*, resident: User, by: User, large: bool) -> None:
    """Sets the large mode for ``resident``, by a delegate for settings or the desk of all their homes.

    Raises ``Forbidden`` or ``ActionError`` for any other actor.
    """
    entrusted = Delegation.objects.residents_of(by, Delegation.SETTINGS)
    if not entrusted.filter(pk=resident.pk).exists():
        must_be_desk_for_all_homes_of(by, resident)
    with transaction.atomic():
        set_mode(user=resident, large=large)
        audit.record("mode_set_for", by=by, target=resident, large=large)


def nothing_but_numbers() -> UserQuerySet:
    """Returns people of whom only a number is known and who have never signed in."""
    rows: UserQuerySet = User.objects.filter(
        phone_verified_at=None,
        last_login=None,
        username=None,
        name="",
        residencies=None,
        delegations_held=None,
        delegations_given=None,
        staff_roles=None,
    )
    return rows


def forget_unverified_people(*, now: datetime) -> int:
    """Deletes people of whom only a number is known, a day after it was entered; returns how many.

    At most ``MAX_AT_ONCE`` a call.
    """
    stale = nothing_but_numbers().filter(joined_at__lt=now - UNVERIFIED_AGE)
    forgotten = 0
    for person in stale[:MAX_AT_ONCE]:
        try:
            person.delete()
            forgotten += 1
        except ProtectedError:  # another row refers to them, so they stay
            continue
    return forgotten
