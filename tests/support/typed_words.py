"""Words on the pages of the world that people typed; no translation is expected."""

from accounts.models import User
from community.estates.models import Building, Entrance, Home, PublicPlace
from tests.support.world import World


def typed(world: World) -> list[str]:
    """Returns all words on the pages that people typed."""
    people = list(world.people.values())
    names = [name for person in people for name in (person.name, person.name[:1]) if name]
    names += User.objects.exclude(username=None).values_list("username", flat=True)
    places = [
        name
        for model in (Building, Entrance, Home, PublicPlace)
        for name in model.objects.values_list("number" if model is Home else "name", flat=True)
    ]
    estates = [
        text
        for estate in (world.estate, world.other_estate)
        for text in (estate.name, estate.address, estate.company_name, estate.code)
    ]
    words = [world.repair.description, world.emergency.description, "女儿", "漏水", "水管爆裂", "水"]
    # The desk's pages show this address as an example.
    return [*names, *places, *estates, *words, *world.typed, "3号楼2单元501"]
