"""Addresses that are stored, and may lead nowhere by the time they are followed."""

from urllib.parse import urlsplit

from django.urls import is_valid_path


def page_at(url: str) -> str:
    """The address if it has a page, else "": that of a service may be gone since it was switched off."""
    return url if url and is_valid_path(urlsplit(url).path) else ""
