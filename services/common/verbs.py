"""Tables of verbs: the capacities that may take each verb, and its statuses."""

from collections.abc import Collection
from dataclasses import dataclass

from community.core.errors import Forbidden
from community.core.transitions import AlreadyMoved


@dataclass(frozen=True)
class Verb:
    """A row of a table: any of ``capacities`` may take the verb in any of ``states``."""

    capacities: frozenset[str]
    states: frozenset[str]

    @classmethod
    def of(cls, capacities: str | Collection[str], *states: str) -> "Verb":
        """Returns a verb of one capacity or of several."""
        given = [capacities] if isinstance(capacities, str) else capacities
        return cls(frozenset(given), frozenset(states))

    def is_for(self, *capacities: str) -> bool:
        """Whether any of these capacities may take it."""
        return not self.capacities.isdisjoint(capacities)


class VerbTable(dict[str, Verb]):
    """Verbs of a service by name; read by its policies, pages, API and actions."""

    def allowed(self, held: Collection[str], status: str) -> set[str]:
        """Returns the verbs that people with the capacities ``held`` may take in this status."""
        return {name for name, verb in self.items() if verb.is_for(*held) and status in verb.states}

    def require(self, name: str, held: Collection[str]) -> None:
        """Raises ``Forbidden`` unless a capacity may take the verb in any status."""
        if not self[name].is_for(*held):
            raise Forbidden

    def require_status(self, name: str, status: str) -> None:
        """Raises ``AlreadyMoved`` unless the verb can be taken in this status."""
        if status not in self[name].states:
            raise AlreadyMoved
