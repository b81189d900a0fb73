"""Elders of the demo's care and their relatives."""

from datetime import datetime, timedelta
from random import Random

from accounts.models import Delegation, User
from community.demo.residents import Household, Society
from community.estates.models import Estate

ELDERS = 12


def find_elders(society: Society, estate: Estate) -> list[Household]:
    """Returns 王秀英 and other residents with the large mode."""
    found: dict[int, Household] = {}
    first = society.by_key["elder"].pk
    for household in society.households[estate.pk]:
        if household.user.pk == first or (household.user.prefers_large and household.user.username is None):
            found.setdefault(household.user.pk, household)
    elders = sorted(found.values(), key=lambda household: household.user.pk != first)
    return elders[:ELDERS]


def make_families(
    elders: list[Household], society: Society, estate: Estate, draw: Random, now: datetime
) -> dict[int, User]:
    """Creates a child with a confirmed delegation for each elder who does not book alone."""
    families = {elders[0].user.pk: society.by_key["son"]}
    named = {user.pk for user in society.by_key.values()} | {household.user.pk for household in elders}
    younger = [
        household.user for household in society.households[estate.pk] if household.user.pk not in named
    ]
    given = []
    for elder, child in zip(elders[1:], draw.sample(younger, len(elders) - 1), strict=True):
        families[elder.user.pk] = child
        begun = now - timedelta(days=draw.randrange(40, 300))
        given.append(
            Delegation(
                resident=elder.user,
                delegate=child,
                service="care",
                relation=draw.choice(("女儿", "儿子", "孙女")),
                created_at=begun,
                accepted_at=begun,
            )
        )
    Delegation.objects.bulk_create(given)
    return families
