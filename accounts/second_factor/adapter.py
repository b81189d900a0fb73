"""How allauth stores and names the second factors."""

from typing import Any

import segno
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.utils.translation import gettext

from accounts.models import User
from community.core.encryption import decrypt, encrypt

COLUMN = "mfa_authenticator.data"


class SecondFactorAdapter(DefaultMFAAdapter):
    """Encrypts secrets with the newest key of ``FIELD_KEYS``."""

    def encrypt(self, text: str) -> str:
        return encrypt(text, column=COLUMN)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text, column=COLUMN)

    def _get_site_name(self) -> str:
        return gettext("Linli")

    def _get_user_identifier(self, user: Any) -> str:
        """Returns the name that the app and the passkey show: that for signing in."""
        assert isinstance(user, User)
        return user.username or str(user.pk)

    def build_totp_svg(self, url: str) -> str:
        return segno.make(url, error="m", micro=False).svg_inline(scale=5, border=2, omitsize=True)

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Sends nothing: staff have no e-mail address; ``actions`` tell them in their inbox."""


def passkeys_work_here(host: str) -> bool:
    """Whether browsers allow passkeys at this host: at a name over https, and at localhost; never at a number."""
    name = host.rsplit(":", 1)[0]
    return name == "localhost" or (settings.HTTPS and not name.replace(".", "").isdigit() and "[" not in name)
