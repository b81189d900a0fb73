"""The renovation part of the open API."""
