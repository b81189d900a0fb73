"""API of feedback: with a token, or anonymously and by the code."""
