"""Shared code of the services' parts of the home page."""

# Rows of a kind that the home page reads; a household with more finds the rest in the list of all matters.
READ_ON_HOME = 24
