"""Notices in the open API."""
