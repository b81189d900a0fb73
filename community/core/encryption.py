"""Encrypted columns: AES-256-GCM at rest, and a keyed hash for columns searched by equality.

A stored value is ``<key name>:<base64 of nonce and ciphertext>``; key names allow rotation. The column's name
is authenticated too, so that a value copied to another column does not decrypt.
"""

import base64
import hashlib
import hmac
import os
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

NONCE_BYTES = 12


@lru_cache(maxsize=4)
def _keyring(configured: str) -> dict[str, AESGCM]:
    ring = {}
    for entry in configured.split(","):
        name, _, encoded = entry.strip().partition(":")
        key = base64.b64decode(encoded)
        if not name or len(key) != 32:
            raise ImproperlyConfigured(
                "FIELD_KEYS: each key is name:base64 of 32 bytes, separated by commas."
            )
        ring[name] = AESGCM(key)
    return ring


def encrypt(text: str, *, column: str) -> str:
    """Encrypts with the newest key."""
    ring = _keyring(settings.FIELD_KEYS)
    name = next(iter(ring))
    nonce = os.urandom(NONCE_BYTES)
    sealed = ring[name].encrypt(nonce, text.encode(), column.encode())
    return f"{name}:{base64.b64encode(nonce + sealed).decode()}"


def decrypt(stored: str, *, column: str) -> str:
    """Decrypts with the key that the value names. Raises ``KeyError`` if the key was removed."""
    name, _, encoded = stored.partition(":")
    sealed = base64.b64decode(encoded)
    key = _keyring(settings.FIELD_KEYS)[name]
    return key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], column.encode()).decode()


def blind_index(text: str) -> str:
    """Returns a keyed hash of 32 hex digits that finds equal values without revealing them; "" for ""."""
    key = settings.BLIND_INDEX_KEY.encode()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32] if text else ""


class EncryptedTextField(models.TextField):
    """Text that is encrypted before it reaches the database. Empty text stays empty."""

    def _column_name(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return encrypt(text, column=self._column_name()) if text else text

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return decrypt(value, column=self._column_name()) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name not in {"isnull", "exact"}:
            return None
        return super().get_lookup(lookup_name)


class BlindIndexField(models.CharField):
    """Blind index of another field of the row: ``phone_index = BlindIndexField(of="phone")``."""

    def __init__(self, *args: Any, of: str = "", **kwargs: Any) -> None:
        self.of = of
        kwargs.setdefault("max_length", 32)
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str | None:
        value = blind_index(getattr(model_instance, self.of) or "")
        setattr(model_instance, self.attname, value or (None if self.null else ""))
        return getattr(model_instance, self.attname)
