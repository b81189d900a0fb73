"""The parts that services add to the home page, in the order of their positions."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from accounts.models import Delegation, User
from community.core.services import declared, in_order
from community.core.services.home import FamilyLine, Home, HomeDoor


def homes_declared() -> list[Home]:
    return [service.home for service in declared() if service.home]


def doors(context: Mapping[str, Any]) -> list[tuple[HomeDoor, Any]]:
    """The doors of the large mode, each with its second line."""
    found = in_order(door for home in homes_declared() for door in home.doors)
    return [(door, door.hint_in(context)) for door in found]


def family_of(user: User) -> list[dict[str, Any]]:
    """The people for whom ``user`` may act, each with the lines of the services. One query."""
    lines: dict[str, FamilyLine | None] = {one.key: one.home.family for one in declared() if one.home}
    given = Delegation.objects.active().filter(delegate=user, service__in=lines).select_related("resident")
    for line in lines.values():
        if line and line.annotate:
            given = given.annotate(**line.annotate())
    family: dict[int, dict[str, Any]] = {}
    for one in given.order_by("pk"):
        known = family.setdefault(one.resident_id, {"resident": one.resident, "found": []})
        line = lines[one.service]
        if line and (words := line.words_for(one)):
            known["found"].append((line, words))
    return [
        {"resident": known["resident"], "lines": _lines(known["found"], known["resident"])}
        for known in family.values()
    ]


def _lines(found: list[tuple[FamilyLine, Any]], resident: User) -> list[dict[str, Any]]:
    return [
        {
            "words": words,
            "url": f"{reverse(line.url_name)}?for={resident.pk}",
            "icon": line.icon,
            "tone": line.tone,
        }
        for line, words in sorted(found, key=lambda pair: pair[0].position)
    ]
