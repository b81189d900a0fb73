"""Fees for programs: bills, and paying them; the same actions as the pages, behind scopes."""
