"""The repairs service for programs: the same actions as the pages, behind scopes."""
