"""The form in which an app says how much waits and how old it is, for whoever watches the servers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Metric:
    """A number at a moment, asked of the database when it is wanted.

    ``name`` follows Prometheus: ``linli_`` first, its unit last (``_seconds``, ``_days``). ``values`` are pairs of
    labels and a number; labels are codes of ours, never a person, a home or words of anybody.
    """

    name: str
    help: str
    values: Iterable[tuple[Mapping[str, str], float]] = field(default_factory=tuple)
