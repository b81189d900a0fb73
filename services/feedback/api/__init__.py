"""The feedback part of the open API."""
