"""Encrypted temporary files with personal data."""

import base64
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from community.core.encryption import decrypt, encrypt

FOLDER = "sealed"


def keep(content: bytes, *, folder: str = FOLDER) -> str:
    """Encrypts and stores the content; returns the name for ``read`` and ``discard``."""
    sealed = encrypt(base64.b64encode(content).decode(), column=FOLDER)
    return default_storage.save(f"{folder}/{uuid4().hex}", ContentFile(sealed.encode()))


def read(name: str) -> bytes:
    """Returns the content. Raises ``FileNotFoundError`` once it is discarded."""
    with default_storage.open(name) as file:
        return base64.b64decode(decrypt(file.read().decode(), column=FOLDER))


def discard(name: str) -> None:
    """Deletes a file; an empty or unknown name is no error."""
    if name:
        default_storage.delete(name)
