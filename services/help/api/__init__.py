"""API of calls for help."""
