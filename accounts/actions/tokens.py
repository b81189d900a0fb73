"""Tokens of the open API."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actions.approvals import Wanted, ask_approval
from accounts.models import ApiToken, StaffRole, User
from accounts.models.tokens import token_digest
from accounts.policies import scopes_for
from community.core import audit
from community.core.errors import ActionError

MAX_TOKENS = 20
# Name of the act by two in the declaration of accounts.
LONG_LIFE = "token_days"


def make_token(
    *, user: User, name: str, scopes: Iterable[str], days: int, now: datetime
) -> tuple[ApiToken, str]:
    """Creates a token; returns it and its secret, which is never shown again.

    Grants only scopes that ``user`` is offered. The token carries the roles that ``user`` has now and never a
    later one. With a role it lasts a shift, and a second person is asked for the ``days`` (0: the shift is
    enough). Raises ``ActionError`` without a scope or with ``MAX_TOKENS`` valid tokens.
    """
    granted = [scope for scope in scopes_for(user) if scope in set(scopes)]
    if not granted:
        raise ActionError("scope_missing", _("Please choose at least one."), field="scopes")
    if user.api_tokens.valid(now).count() >= MAX_TOKENS:
        raise ActionError("too_many_tokens", _("You have enough tokens. Please revoke one first."))
    secret = ApiToken.new_secret()
    roles = sorted(StaffRole.objects.held_by(user).values_list("pk", flat=True))
    lasts = timedelta(seconds=settings.STAFF_SESSION_AGE) if roles else timedelta(days=days)
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user,
            name=name.strip(),
            digest=token_digest(secret),
            scopes=granted,
            role_ids=roles,
            created_at=now,
            expires_at=now + lasts,
        )
        audit.record("token_made", by=user, target=token, scopes=granted, roles=roles)
        if roles and days:
            _ask_for_days(token, days, by=user, now=now)
    return token, secret


def _ask_for_days(token: ApiToken, days: int, *, by: User, now: datetime) -> None:
    estate = StaffRole.objects.select_related("estate").get(pk=token.role_ids[0]).estate
    given = {"token": token.pk, "days": days}
    ask_approval(Wanted(LONG_LIFE, estate, token.pk, given), by=by, now=now)


def extend_token(*, token: ApiToken, days: int, by: User, now: datetime) -> None:
    """Lets a token of staff live ``days`` from now on; ``by`` is the second person.

    Call it inside the transaction of the yes. Raises ``ActionError`` for a token that was revoked.
    """
    until = now + timedelta(days=days)
    if not ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(expires_at=until):
        raise ActionError("token_revoked", _("This token is revoked. Please decline it."))
    audit.record("token_extended", by=by, target=token, days=days)


def revoke_all_tokens(*, user: User, by: User, now: datetime) -> int:
    """Revokes all valid tokens of this person; returns how many there were."""
    standing = list(user.api_tokens.valid(now))
    for token in standing:
        revoke_token(token=token, by=by, now=now)
    return len(standing)


def revoke_token(*, token: ApiToken, by: User, now: datetime) -> None:
    """Revokes a token at once and for good. Repeating it changes nothing."""
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
            audit.record("token_revoked", by=by, target=token)
