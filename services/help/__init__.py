"""Calls for help. The key is defined here, where every module of the service can import it."""

KEY = "help"
