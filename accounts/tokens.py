"""Authentication of the API by tokens, and their scopes."""

from contextlib import suppress
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import ApiToken, User
from accounts.models.tokens import token_digest
from community.core import clock, limits
from community.core.limit_table import TOKEN_GUESS
from community.core.limits import network

KEYWORD = "Bearer"


class TokenAuthentication(BaseAuthentication):
    """Authenticates ``Authorization: Bearer linli_…``."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _space, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != KEYWORD.lower():
            return None
        token = _token(secret.strip())
        if token is None or not token.is_valid(clock.now()) or not token.user.is_active:
            limits.hit(TOKEN_GUESS, network(request))
            raise AuthenticationFailed
        token.user.carried_role_ids = token.role_ids
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return KEYWORD


def _token(secret: str) -> ApiToken | None:
    with suppress(ApiToken.DoesNotExist):
        return ApiToken.objects.select_related("user").get(digest=token_digest(secret))
    return None


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.tokens.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class HasScope(BasePermission):
    """Requires one of the scopes that the view names for the method: ``scopes = {"GET": …}``."""

    def has_permission(self, request: Request, view: Any) -> bool:
        method = "GET" if request.method == "HEAD" else request.method
        if request.method not in view.allowed_methods:
            return True  # the view answers 405, which is more precise than 403
        needed = view.scopes.get(method)
        any_of = (needed,) if isinstance(needed, str) else needed or ()
        return bool(set(any_of) & set(getattr(request.auth, "scopes", ())))
