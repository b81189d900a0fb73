"""Admin rights and scopes of the open API."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise

# Verbs by model label: {"repairs.repair": ("view", "export")}.
Rights = Mapping[str, tuple[str, ...]]

VIEW, EXPORT = ("view",), ("view", "export")
EDIT = ("view", "add", "change")
KEEP = ("view", "add", "change", "delete")


@dataclass(frozen=True)
class Scope:
    """A scope of API tokens. Requires one of ``roles``; None allows everybody."""

    name: str
    label: str | Promise
    roles: Collection[str] | None = None

    def is_for(self, roles: Collection[str]) -> bool:
        return self.roles is None or bool(set(self.roles) & set(roles))
