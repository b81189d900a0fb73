"""Temporary files with personal data, which the storage encrypts, under names that say nothing."""

from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from community.core.sealed_storage import unwrapped

FOLDER = "sealed"


def keep(content: bytes, *, folder: str = FOLDER) -> str:
    """Stores the content; returns the name for ``read`` and ``discard``."""
    return default_storage.save(f"{folder}/{uuid4().hex}", ContentFile(content))


def read(name: str) -> bytes:
    """Returns the content. Raises ``FileNotFoundError`` once it is discarded."""
    with default_storage.open(name) as file:
        return unwrapped(file.read())


def discard(name: str) -> None:
    """Deletes a file; an empty or unknown name is no error."""
    if name:
        default_storage.delete(name)
