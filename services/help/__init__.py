"""Calls for help. The key stands here, where every module of the service can import it."""

KEY = "help"
