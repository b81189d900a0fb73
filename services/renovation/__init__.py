"""Renovation. The key is defined here so that every module of the service can import it."""

KEY = "renovation"
