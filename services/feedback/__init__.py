"""Feedback. The key is here, where every module of the service can import it."""

KEY = "feedback"
