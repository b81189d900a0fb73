"""Tables of verbs: the capacities that may take each verb, and the states it can be taken in."""

from collections.abc import Collection
from dataclasses import dataclass

from community.core.errors import Forbidden
from community.core.transitions import AlreadyMoved


@dataclass(frozen=True)
class Verb:
    """A row of a table: any one of ``capacities`` may take the verb, out of any one of ``states``."""

    capacities: frozenset[str]
    states: frozenset[str]

    @classmethod
    def of(cls, capacities: str | Collection[str], *states: str) -> "Verb":
        """A verb of one capacity, or of several."""
        given = [capacities] if isinstance(capacities, str) else capacities
        return cls(frozenset(given), frozenset(states))

    def is_for(self, *capacities: str) -> bool:
        """Whether any of these capacities may take it."""
        return not self.capacities.isdisjoint(capacities)


class VerbTable(dict[str, Verb]):
    """The verbs of one service by name; its policies, pages, API and actions read this one table."""

    def allowed(self, held: Collection[str], status: str) -> set[str]:
        """The verbs that somebody with the capacities ``held`` may take on a row of this status."""
        return {name for name, verb in self.items() if verb.is_for(*held) and status in verb.states}

    def require(self, name: str, held: Collection[str]) -> None:
        """Raises ``Forbidden`` unless one of the capacities may take the verb, whatever the status."""
        if not self[name].is_for(*held):
            raise Forbidden

    def require_status(self, name: str, status: str) -> None:
        """Raises ``AlreadyMoved`` unless the verb can be taken out of this status."""
        if status not in self[name].states:
            raise AlreadyMoved
