"""Feedback for programs: with a token, or without a name and by the code."""
