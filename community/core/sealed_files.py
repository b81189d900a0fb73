"""Files with personal data that wait for a while: sealed on the disk, read by us alone."""

import base64
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from community.core.encryption import decrypt, encrypt

FOLDER = "sealed"


def keep(content: bytes, *, folder: str = FOLDER) -> str:
    """Seal and keep this; returns the name for ``read`` and ``discard``."""
    sealed = encrypt(base64.b64encode(content).decode(), column=FOLDER)
    return default_storage.save(f"{folder}/{uuid4().hex}", ContentFile(sealed.encode()))


def read(name: str) -> bytes:
    """What was kept under this name; raises ``FileNotFoundError`` once it is discarded."""
    with default_storage.open(name) as file:
        return base64.b64decode(decrypt(file.read().decode(), column=FOLDER))


def discard(name: str) -> None:
    """Delete it; a name that is empty, or gone already, is no error."""
    if name:
        default_storage.delete(name)
