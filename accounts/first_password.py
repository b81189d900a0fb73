"""Single-use links with which staff choose their first or a new password."""

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from accounts.models import StaffRole, User


class FirstPasswordTokens(PasswordResetTokenGenerator):
    """Tokens that expire when a password is chosen, another link is made, or after the days in the settings."""

    key_salt = "accounts.first_password"

    def _make_hash_value(self, user: User, timestamp: int) -> str:  # type: ignore[override]
        return f"{super()._make_hash_value(user, timestamp)}{user.session_epoch}"


tokens = FirstPasswordTokens()


def link_for(request: HttpRequest, person: User) -> str:
    """Returns the absolute address at which ``person`` chooses a password."""
    key = urlsafe_base64_encode(str(person.pk).encode())
    page = reverse("staff_first_password", args=[key, tokens.make_token(person)])
    return request.build_absolute_uri(page)


def person_of(key: str, token: str) -> User | None:
    """Returns the member of staff without a password for whom the link was made; None if it is no longer
    valid.
    """
    try:
        number = int(urlsafe_base64_decode(key).decode("ascii"))
    except ValueError:
        return None
    if not 0 < number < 2**63:
        return None
    person = User.objects.filter(pk=number, is_active=True).first()
    if person is None or person.has_usable_password() or not tokens.check_token(person, token):
        return None
    return person if person.administration or StaffRole.objects.held_by(person).exists() else None
