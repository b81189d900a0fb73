"""A person's own name, number, language and mode."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _

from accounts.models import Delegation, User
from accounts.models.people import UserQuerySet
from accounts.policies import must_be_desk_for_all_homes_of
from community.core import audit
from community.core.encryption import blind_index
from community.core.errors import ActionError

UNVERIFIED_AGE = timedelta(days=1)
MOST_AT_ONCE = 500


def person_with_phone(phone: str) -> User:
    """Whoever has this number (E.164); a row of their own, if nobody had it yet.

    A known and an unknown number are then the same to everything that follows.
    """
    known = User.objects.with_phone(phone).first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return User.objects.create_user(phone=phone)
    except IntegrityError:  # somebody else was faster
        return User.objects.with_phone(phone).get()


def holder_of(phone: str) -> User:
    """Returns the person to whom something is given by their number (E.164): a home, a delegation.

    Raises ``ActionError`` where the number was entered for an account of staff and never confirmed: it may be
    anybody's, and whoever made the account has made the link to its password.
    """
    person = person_with_phone(phone)
    if person.username and person.phone_verified_at is None:
        words = _(
            "This number stands at a staff account and was never confirmed. Please ask the administrator."
        )
        raise ActionError("number_unconfirmed", words, field="phone")
    return person


def people_with_phones(phones: Sequence[str]) -> list[int]:
    """The keys of those who have these numbers (E.164), with rows for the numbers that nobody had yet."""
    found: list[int] = []
    for start in range(0, len(phones), MOST_AT_ONCE):
        indexes = {blind_index(phone): phone for phone in phones[start : start + MOST_AT_ONCE]}
        there = User.objects.filter(phone_index__in=indexes)
        known = set(there.values_list("phone_index", flat=True))
        new = [User(phone=phone) for index, phone in indexes.items() if index not in known]
        for person in new:
            person.set_unusable_password()
        try:
            with transaction.atomic():
                User.objects.bulk_create(new)
        except IntegrityError:  # somebody has signed in for the first time at this moment
            for person in new:
                person_with_phone(person.phone)
        found += there.order_by("pk").values_list("pk", flat=True)
    return found


def verify_phone(*, user: User, now: datetime) -> None:
    """The person holds this number: they have typed the code that was sent to it. The first time is kept."""
    if user.phone_verified_at is None:
        user.phone_verified_at = now
        user.save(update_fields=["phone_verified_at"])


def take_name(user: User, name: str) -> None:
    """Give a person who has no name this one."""
    if not user.name and name.strip():
        user.name = name.strip()
        user.save(update_fields=["name"])


def rename(*, user: User, name: str, by: User) -> None:
    """One's own name; or the desk writes it for one who phoned."""
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
    User.objects.filter(pk=user.pk).exclude(language=language).update(language=language)


def set_mode(*, user: User, large: bool) -> None:
    User.objects.filter(pk=user.pk).exclude(prefers_large=large).update(prefers_large=large)


def set_mode_for(*, resident: User, by: User, large: bool) -> None:
    """A delegate sets the large type for a parent; the desk for one who asks for it."""
    entrusted = Delegation.objects.residents_of(by, Delegation.SETTINGS)
    if not entrusted.filter(pk=resident.pk).exists():
        must_be_desk_for_all_homes_of(by, resident)
    with transaction.atomic():
        set_mode(user=resident, large=large)
        audit.record("mode_set_for", by=by, target=resident, large=large)


def nothing_but_numbers() -> UserQuerySet:
    """The rows made for a number that somebody wrote: nobody has ever signed in by it."""
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
    """Delete the rows made for codes that nobody typed: a number, and nothing else known of it."""
    stale = nothing_but_numbers().filter(joined_at__lt=now - UNVERIFIED_AGE)
    forgotten = 0
    for person in stale[:MOST_AT_ONCE]:
        try:
            person.delete()
            forgotten += 1
        except ProtectedError:  # something of ours names them: they stay
            continue
    return forgotten
