"""The help part of the open API."""
