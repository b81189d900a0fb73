"""API of repairs: the actions of the pages, limited by scopes."""
