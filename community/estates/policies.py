"""Permissions for the lists of an estate."""

from typing import Any

from django.apps import apps
from django.contrib.auth import get_permission_codename


def may_import(user: Any, kind: str, estate_id: int) -> bool:
    """Whether the user may import rows of this kind into this estate."""
    meta = apps.get_model(kind)._meta
    return bool(user.has_perm(f"{meta.app_label}.{get_permission_codename('import', meta)}", estate_id))
