"""Acts that take effect when a second person agrees to them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from community.core.services.words import Words


class Asked(Protocol):
    """A request for an act: whose estate, what it is about, and the values of the act."""

    estate_id: int | None
    given: dict[str, Any]
    asked_by: Any


class CarryOut(Protocol):
    def __call__(self, asked: Any, *, by: Any, now: datetime) -> None: ...


@dataclass(frozen=True, kw_only=True)
class ByTwo:
    """An act for which one person asks and to which another agrees.

    Holders of ``roles`` in the estate may do both, and ``administrators`` everywhere (values of
    ``Administration``); ``askers`` are further roles that may only ask, ``agreers`` further administrations
    that may only agree. ``may`` narrows it for one person and request.
    ``facts`` returns labels and values for the second person. ``act`` carries it out in the transaction of
    the second yes, and raises ``ActionError`` if it is possible no more.
    """

    label: Words
    facts: Callable[[Any], list[tuple[Words, str]]]
    act: CarryOut
    roles: tuple[str, ...] = ()
    askers: tuple[str, ...] = ()
    administrators: tuple[str, ...] = ()
    agreers: tuple[str, ...] = ()
    may: Callable[[Any, Any], bool] | None = None
    # Carried out at once while nobody else could agree: somebody must appoint the first manager.
    alone: bool = False
