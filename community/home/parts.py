"""The parts that services add to the home page, in the order of their positions."""

from collections.abc import Mapping
from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse

from accounts.models import User, access_of
from accounts.models.residents import delegable
from community.core.services import declared, in_order
from community.core.services.home import FamilyLine, Home, HomeDoor, HomeLink


def homes_declared() -> list[Home]:
    return [service.home for service in declared() if service.home]


def tiles() -> list[HomeLink]:
    """The tiles of the standard mode."""
    return in_order(tile for home in homes_declared() for tile in home.tiles)


def doors(context: Mapping[str, Any]) -> list[tuple[HomeDoor, Any]]:
    """The doors of the large mode, each with its second line."""
    found = in_order(door for home in homes_declared() for door in home.doors)
    return [(door, door.hint_in(context)) for door in found]


def family_of(user: User, context: Mapping[str, Any]) -> tuple[list[dict[str, Any]], bool]:
    """Returns the people for whom ``user`` may act, each with the lines and the buttons of the services, and
    whether somebody has offered to be one of them.
    """
    lines: dict[str, FamilyLine | None] = {one.key: one.home.family for one in declared() if one.home}
    is_on = dict(delegable())
    given = [one for one in access_of(user).delegations if one.service in is_on]
    prefetch_related_objects([one for one in given if one.accepted_at is not None], "resident")
    family: dict[int, dict[str, Any]] = {}
    is_asked = False
    for one in given:
        if one.accepted_at is None:
            is_asked = True
            continue
        known = family.setdefault(one.resident_id, {"resident": one.resident, "found": [], "cards": []})
        if line := lines.get(one.service):
            known["found"].append(line)
    known_ones = [known | _ways(known["found"], known["resident"], context) for known in family.values()]
    return known_ones, is_asked


def _ways(found: list[FamilyLine], resident: User, context: Mapping[str, Any]) -> dict[str, Any]:
    ways = [
        (line, f"{reverse(line.url_name)}?for={resident.pk}", line.words_for(resident.pk, context))
        for line in in_order(found)
    ]
    return {
        "lines": [
            {"words": words, "url": url, "icon": line.icon, "tone": line.tone}
            for line, url, words in ways
            if words
        ],
        "buttons": [{"words": line.button, "url": url, "icon": line.icon} for line, url, _words in ways],
    }
