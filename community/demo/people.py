"""The people of the demo, offered on the sign-in page and named by ``make demo``."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DemoPerson:
    """One who can be tried: residents sign in by phone, staff by name and password."""

    key: str
    role: str  # as staff of a Chinese estate say it
    name: str
    phone: str = ""
    username: str = ""
    password: str = ""
    note: str = ""  # what makes this one worth trying

    @property
    def way_in(self) -> str:
        """What one types to sign in."""
        if self.username:
            return f"{self.username} / {self.password}"
        return self.phone


PEOPLE: list[DemoPerson] = []
