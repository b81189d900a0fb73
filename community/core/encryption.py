"""Encrypted values at rest, and a keyed hash for columns searched by equality.

A stored value is ``<key>:<base64 of nonce and ciphertext>``, or ``<key>/<cipher>:…`` for another cipher than
AES-256-GCM. The name of the key allows rotation. The column's name is authenticated too, so that a value copied
to another column does not decrypt.
"""

import base64
import json
import os
import re
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hmac import HMAC
from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import models
from django.db.models.lookups import Exact, IsNull

from community.core.ciphers import AES_GCM, HASHES, KEY_BYTES, NAMES, NONCE_BYTES, Sealing, sealing_with

# Name of a key, cipher if it is another one, and at least nonce and tag in base64.
_SEALED = re.compile(r"[\w.-]+(?:/[a-z\d-]+)?:[A-Za-z\d+/]{38,}={0,2}")


@lru_cache(maxsize=8)
def _keyring(configured: str) -> dict[str, bytes]:
    """Returns the keys by name, the newest first."""
    ring = {}
    for entry in configured.split(","):
        name, _, encoded = entry.strip().partition(":")
        key = base64.b64decode(encoded)
        if not name or "/" in name or len(key) != KEY_BYTES:
            raise ImproperlyConfigured(
                "FIELD_KEYS: each key is name:base64 of 32 bytes, separated by commas."
            )
        ring[name] = key
    return ring


@lru_cache(maxsize=32)
def _sealing(configured: str, prefix: str) -> Sealing:
    """Returns the cipher and key that stored values with this prefix name. Raises ``KeyError`` for others."""
    name, _, cipher = prefix.partition("/")
    return sealing_with(cipher or AES_GCM, _keyring(configured)[name])


@lru_cache(maxsize=8)
def _newest(configured: str, cipher: str) -> str:
    if cipher not in NAMES:
        raise ImproperlyConfigured(f"FIELD_CIPHER: one of {', '.join(NAMES)}.")
    name = next(iter(_keyring(configured)))
    return name if cipher == AES_GCM else f"{name}/{cipher}"


def key_names() -> list[str]:
    """Returns the names of the keys in FIELD_KEYS, the newest first."""
    return list(_keyring(settings.FIELD_KEYS))


def newest_prefix() -> str:
    """Returns what stands before the colon of values that are encrypted now."""
    return _newest(settings.FIELD_KEYS, settings.FIELD_CIPHER)


def seal(data: bytes, *, bound_to: bytes) -> bytes:
    """Encrypts with the newest key: nonce and ciphertext."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _sealing(settings.FIELD_KEYS, newest_prefix()).encrypt(nonce, data, bound_to)


def unseal(prefix: str, sealed: bytes, *, bound_to: bytes) -> bytes:
    """Decrypts what ``seal`` returned while ``newest_prefix`` was ``prefix``. Raises ``KeyError`` if that key was
    removed, ``InvalidTag`` if the data were changed or are bound to something else.
    """
    cipher = _sealing(settings.FIELD_KEYS, prefix)
    return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)


def encrypt(text: str, *, column: str) -> str:
    """Encrypts with the newest key."""
    sealed = seal(text.encode(), bound_to=column.encode())
    return f"{newest_prefix()}:{base64.b64encode(sealed).decode()}"


def decrypt(stored: str, *, column: str) -> str:
    """Decrypts with the key that the value names. Raises ``KeyError`` if the key was removed."""
    prefix, _, encoded = stored.partition(":")
    sealed = base64.b64decode(encoded)
    return unseal(prefix, sealed, bound_to=column.encode()).decode()


def looks_sealed(stored: str) -> bool:
    """Whether a stored value has the form of an encrypted one."""
    return _SEALED.fullmatch(stored) is not None


def is_newest(stored: str, *, column: str) -> bool:
    """Whether a stored value is encrypted with the newest key and cipher, and for this column."""
    if not stored.startswith(f"{newest_prefix()}:") or not looks_sealed(stored):
        return False
    try:
        decrypt(stored, column=column)
    except (InvalidTag, ValueError):
        return False
    return True


def _keyed_hash(text: str, key: str, name: str) -> str:
    if name not in HASHES:
        raise ImproperlyConfigured(f"BLIND_INDEX_HASH: one of {', '.join(HASHES)}.")
    hashed = HMAC(key.encode(), HASHES[name]())
    hashed.update(text.encode())
    return hashed.finalize().hex()[:32]


def blind_index(text: str) -> str:
    """Returns a keyed hash of 32 hex digits that finds equal values without revealing them; "" for ""."""
    return _keyed_hash(text, settings.BLIND_INDEX_KEY, settings.BLIND_INDEX_HASH) if text else ""


def blind_indexes(text: str) -> list[str]:
    """Returns the hashes under which a value may be stored: while ``BLIND_INDEX_OLD_KEY`` is set, also the former
    one. For lookups.
    """
    found = [blind_index(text)]
    if settings.BLIND_INDEX_OLD_KEY and text:
        found.append(_keyed_hash(text, settings.BLIND_INDEX_OLD_KEY, settings.BLIND_INDEX_OLD_HASH))
    return found


class IsEmpty(Exact):
    """Comparison of an encrypted column with empty text, which stays empty; two equal values look different."""

    def get_prep_lookup(self) -> Any:
        if self.rhs != "":
            raise FieldError(f"{self.lhs.field} is encrypted: it is found by a blind index or a search key.")
        return ""


class Encrypted(models.Field):
    """An encrypted column. Empty text stays empty.

    ``was_clear``: the column was not encrypted before, so that a value may be in clear until ``rotate_keys``
    has passed; any other value that cannot be decrypted raises.
    """

    was_clear: bool

    def __init__(self, *args: Any, was_clear: bool = False, **kwargs: Any) -> None:
        self.was_clear = was_clear
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, ({**kwargs, "was_clear": True} if self.was_clear else kwargs)

    def get_internal_type(self) -> str:
        return "TextField"

    @property
    def sealed_for(self) -> str:
        """Name of the column, to which its values are bound."""
        return f"{self.model._meta.db_table}.{self.column}"

    def to_text(self, value: Any) -> str | None:
        """Returns what is encrypted."""
        return value if value is None else str(value)

    def from_text(self, text: str) -> Any:
        return text

    def get_prep_value(self, value: Any) -> Any:
        text = self.to_text(super().get_prep_value(value))
        return encrypt(text, column=self.sealed_for) if text else text

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Leaves out that the database's own type of numbers or JSON adapts the value."""
        return models.Field.get_db_prep_value(self, value, connection, prepared)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        if not value:
            return value
        if self.was_clear and not looks_sealed(value):
            return self.from_text(value)
        return self.from_text(decrypt(value, column=self.sealed_for))

    def get_lookup(self, lookup_name: str) -> Any:
        return {"exact": IsEmpty, "isnull": IsNull}.get(lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        return None


class EncryptedTextField(Encrypted, models.TextField):
    """Text of any length."""


class EncryptedCharField(Encrypted, models.CharField):
    """A line of at most ``max_length`` characters, which forms and actions check: the database cannot."""


class EncryptedIntegerField(Encrypted, models.IntegerField):
    """A whole number."""

    # The database has no range for it.
    validators = models.Field.validators  # type: ignore[assignment]

    def from_text(self, text: str) -> int:
        return int(text)


class EncryptedJSONField(Encrypted, models.JSONField):
    """A value that JSON can hold, stored as encrypted text."""

    def to_text(self, value: Any) -> str | None:
        return value if value is None else json.dumps(value, ensure_ascii=False)

    def from_text(self, text: str) -> Any:
        return json.loads(text)


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

    def value_for(self, text: str) -> str | None:
        """Returns what the column holds for this text."""
        return blind_index(text or "") or (None if self.null else "")

    def pre_save(self, model_instance: models.Model, add: bool) -> str | None:
        value = self.value_for(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, value)
        return value
