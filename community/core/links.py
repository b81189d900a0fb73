"""Addresses that are stored, and may lead nowhere by the time they are followed."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import NoReverseMatch, is_valid_path, reverse

from community.core.services.registry import known_services


def page_at(url: str) -> str:
    """The address if it has a page, else "": that of a service may be gone since it was switched off."""
    return url if url and is_valid_path(urlsplit(url).path) else ""


def page_named(name: str, *args: Any) -> str:
    """The address of a page, or "" while a service is switched off and no page has this name.

    For what must go on without the service: a visit is cancelled when its resident moves out. Raises
    ``NoReverseMatch`` for an unknown name while every service is on.
    """
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        if known_services().keys() <= set(settings.SERVICES):
            raise
        return ""
