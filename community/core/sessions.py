"""Encrypted sessions in the database: a pending sign-in holds a phone number and a code."""

from typing import Any

from cryptography.exceptions import InvalidTag
from django.contrib.sessions.backends.db import SessionStore as PlainStore

from community.core.encryption import decrypt, encrypt

COLUMN = "django_session.session_data"


class SessionStore(PlainStore):
    """Django's store, encrypted with the newest key of FIELD_KEYS."""

    def encode(self, session_dict: dict[str, Any]) -> str:
        return encrypt(super().encode(session_dict), column=COLUMN)

    def decode(self, session_data: str) -> dict[str, Any]:  # type: ignore[override]
        try:
            plain = decrypt(session_data, column=COLUMN)
        except (InvalidTag, KeyError, ValueError):
            # Encrypted with a removed key, or not encrypted: treated as expired.
            return {}
        return super().decode(plain)
