"""The notices part of the open API."""
