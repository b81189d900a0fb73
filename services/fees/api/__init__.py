"""API of fees: bills and payments; the same actions as the pages, behind scopes."""
