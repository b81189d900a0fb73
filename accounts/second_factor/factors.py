"""Passkeys, apps and codes on paper of staff, kept as allauth keeps them.

allauth's own checks are not used for codes of the app: they forget after half a minute which code was used, and its
limits count whole IPv6 addresses.
"""

import struct
from collections.abc import Callable
from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt
from allauth.mfa.webauthn.internal import auth as passkeys
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit, limits
from community.core.errors import ActionError
from community.core.limit_table import FACTOR_NETWORK, FACTOR_PERSON

Type = Authenticator.Type
# Codes on paper alone are no factor: they are for the day on which the factor is lost.
FACTORS = (Type.TOTP, Type.WEBAUTHN)
MOST_PASSKEYS = 5
# Errors of fido2 for an answer that no browser gives.
_MALFORMED = (TypeError, ValueError, KeyError, IndexError, AttributeError, struct.error, ValidationError)


def has_factor(user: User) -> bool:
    """Whether the person has set up a passkey or an app."""
    return Authenticator.objects.filter(user=user, type__in=FACTORS).exists()


def factors_of(user: User) -> list[Authenticator]:
    """Returns the person's passkeys and app, the oldest first."""
    return list(Authenticator.objects.filter(user=user, type__in=FACTORS).order_by("created_at", "pk"))


def has_passkey(user: User) -> bool:
    return Authenticator.objects.filter(user=user, type=Type.WEBAUTHN).exists()


def present_code(user: User) -> str:
    """Returns the code that the person's app shows now, for the pages of the demo; "" without an app."""
    one = Authenticator.objects.filter(user=user, type=Type.TOTP).first()
    if one is None:
        return ""
    *_earlier, now, _next = yield_hotp_counters_from_time()
    used = one.data.get("last_counter", 0)
    return format_hotp_value(hotp_value(decrypt(one.data["secret"]), max(now, used + 1)))


def check_code(request: HttpRequest, user: User, code: str) -> Authenticator:
    """Returns the app or the codes on paper to which this code belongs; from then on it is used.

    Raises ``ActionError`` (``factor_wrong``), and ``TooMany`` after ten wrong ones within an hour.
    """

    def check() -> Authenticator | None:
        # The app's codes have 6 digits and those on paper 8.
        for one in Authenticator.objects.filter(user=user).exclude(type=Type.WEBAUTHN):
            is_right = (
                _use_app(one, code) if one.type == Type.TOTP else RecoveryCodes(one).validate_code(code)
            )
            if is_right:
                return one
        return None

    return _counted(request, user, check)


def check_passkey(request: HttpRequest, user: User, credential: Any) -> Authenticator:
    """Returns the passkey that answered. Raises as ``check_code`` does."""

    def check() -> Authenticator | None:
        try:
            passkeys.parse_authentication_response(credential)
            return passkeys.complete_authentication(user, credential)
        except _MALFORMED:
            return None

    return _counted(request, user, check)


def _counted(request: HttpRequest, user: User, check: Callable[[], Authenticator | None]) -> Authenticator:
    counted = [(FACTOR_PERSON, str(user.pk)), (FACTOR_NETWORK, limits.network(request))]
    limits.hit_all(counted)
    found = check()
    if found is None:
        audit.record_failure("second_factor", target=user, outcome="wrong", request=request)
        raise ActionError("factor_wrong", _("The code is wrong."), field="code")
    limits.forgive(FACTOR_PERSON, str(user.pk))
    limits.give_back(FACTOR_NETWORK, limits.network(request))
    return found


def _use_app(one: Authenticator, code: str) -> bool:
    """Whether the code is the app's, and newer than the last one used."""
    secret = decrypt(one.data["secret"])
    for counter in yield_hotp_counters_from_time():
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, counter))):
            older = Q(data__last_counter__lt=counter) | Q(data__last_counter__isnull=True)
            used = one.data | {"last_counter": counter}
            return bool(Authenticator.objects.filter(older, pk=one.pk).update(data=used))
    return False


def add_app(request: HttpRequest, user: User, *, secret: str, code: str, is_first: bool = False) -> None:
    """Adds an app that makes codes from ``secret``, once a code shows that it does.

    Raises as ``check_code`` does, and ``ActionError`` (``factor_there``) if it ``is_first`` and is not.
    """

    def check() -> Authenticator | None:
        one = Authenticator(user=user, type=Type.TOTP, data={"secret": secret})
        for counter in yield_hotp_counters_from_time():
            if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, counter))):
                one.data["last_counter"] = counter
                return one
        return None

    shown = _counted(request, user, check)
    with transaction.atomic():
        _one_at_a_time(user, is_first=is_first)
        Authenticator.objects.filter(user=user, type=Type.TOTP).delete()
        added = TOTP.activate(user, secret).instance
        added.data["last_counter"] = shown.data["last_counter"]
        added.save(update_fields=["data"])
        RecoveryCodes.activate(user)
        audit.record("factor_added", by=user, target=user, request=request, factor="app")


def add_passkey(
    request: HttpRequest, user: User, *, name: str, credential: Any, is_first: bool = False
) -> None:
    """Adds the passkey that a browser made.

    Raises ``ActionError``: ``passkey_refused``, ``too_many_passkeys``, and ``factor_there`` as ``add_app`` does.
    """
    try:
        passkeys.parse_registration_response(credential)
        passkeys.complete_registration(credential)
    except _MALFORMED as error:
        raise ActionError("passkey_refused", _("The passkey was not made. Please try again.")) from error
    with transaction.atomic():
        _one_at_a_time(user, is_first=is_first)
        if Authenticator.objects.filter(user=user, type=Type.WEBAUTHN).count() >= MOST_PASSKEYS:
            raise ActionError("too_many_passkeys", _("Please remove a passkey first."))
        passkeys.WebAuthn.add(user, name, credential)
        RecoveryCodes.activate(user)
        audit.record("factor_added", by=user, target=user, request=request, factor="passkey")


def recovery_codes(user: User) -> list[str]:
    """Returns the codes on paper that were not used yet."""
    found = Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).first()
    return RecoveryCodes(found).get_unused_codes() if found else []


def renew_recovery_codes(request: HttpRequest, user: User) -> None:
    """Makes new codes on paper; the old ones are void."""
    with transaction.atomic():
        _one_at_a_time(user)
        Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).delete()
        RecoveryCodes.activate(user)
        audit.record("factor_codes_made", by=user, target=user, request=request)


def remove_factor(request: HttpRequest, user: User, *, pk: int) -> None:
    """Removes a passkey or the app; the last factor stays. Raises ``ActionError`` (``last_factor``)."""
    with transaction.atomic():
        _one_at_a_time(user)
        mine = Authenticator.objects.filter(user=user, type__in=FACTORS)
        if not mine.exclude(pk=pk).exists():
            raise ActionError("last_factor", _("This is your last one. Please add another first."))
        removed = mine.filter(pk=pk).first()
        if removed is None:
            return
        kind = "app" if removed.type == Type.TOTP else "passkey"
        removed.delete()
        audit.record("factor_removed", by=user, target=user, request=request, factor=kind)


def forget_factors(user: User) -> None:
    """Removes all factors and the codes on paper; the next sign-in sets up new ones."""
    Authenticator.objects.filter(user=user).delete()


def _one_at_a_time(user: User, *, is_first: bool = False) -> None:
    User.objects.select_for_update().get(pk=user.pk)
    if is_first and has_factor(user):
        # Set up meanwhile, in another browser: whoever has the password alone adds no second one.
        raise ActionError("factor_there", _("A second step has been set up meanwhile. Please sign in again."))
