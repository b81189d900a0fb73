"""The care part of the open API."""
