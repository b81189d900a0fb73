"""Admin of people, and of what only system administrators may change below accounts."""

from accounts.admin import official_accounts, people, robots, security

__all__ = ["official_accounts", "people", "robots", "security"]
