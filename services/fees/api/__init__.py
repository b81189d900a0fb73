"""The fees part of the open API."""
