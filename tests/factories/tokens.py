from datetime import timedelta
from typing import Any

from accounts.models import ApiToken, StaffRole, User
from accounts.models.tokens import token_digest
from community.core import clock
from community.core.services import scopes as all_scopes


def make_token(user: User, *scopes: str, **overrides: Any) -> dict[str, str]:
    """Returns headers with a token of these scopes, by default all, and the user's present roles."""
    secret, now = ApiToken.new_secret(), clock.now()
    fields: dict[str, Any] = {
        "name": "test",
        "scopes": list(scopes or [scope.name for scope in all_scopes()]),
        "role_ids": list(StaffRole.objects.held_by(user).values_list("pk", flat=True)),
        "created_at": now,
        "expires_at": now + timedelta(days=1),
    }
    ApiToken.objects.create(user=user, digest=token_digest(secret), **(fields | overrides))
    return {"Authorization": f"Bearer {secret}"}
