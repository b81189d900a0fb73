"""What an answer says of households and estates that the reader has nothing to do with."""

import re
from collections.abc import Iterator
from html import unescape

from django.http import HttpResponseBase

from accounts.models import User
from community.notifications import live
from tests.support.access import FOREIGN, RESIDENTS
from tests.support.world import STAFF_ROLES, World
from tests.support.worlds.others import FAR, NEAR

STAFF_HERE = {*STAFF_ROLES, "other_worker"}
# What nobody of these standings may read, on any page and in any list.
HIDDEN = {
    **dict.fromkeys({*RESIDENTS, "anonymous"}, (NEAR, FAR)),
    **dict.fromkeys(STAFF_HERE, (FAR,)),
    **dict.fromkeys(FOREIGN, (NEAR,)),
}
TOKEN = re.compile(r'data-live="([^"]+)"')


def leaks_in(content: bytes, standing: str) -> list[str]:
    """The words of strangers in an answer, as they are and as JSON may write them."""
    return [
        f"says {word} of another household or estate"
        for word in HIDDEN.get(standing, ())
        if word.encode() in content or word.encode("unicode_escape") in content.lower()
    ]


def leaks_of(response: HttpResponseBase, standing: str, world: World) -> list[str]:
    """The words of strangers in an answer, and their topics that its page may watch."""
    content = b"" if response.streaming else response.content
    watched = topics_in(content.decode(errors="replace"), world.people.get(standing))
    found = set(hidden_topics(standing, world)) & {_without_area(topic) for topic in watched}
    return [*leaks_in(content, standing), *(f"may watch {topic}" for topic in sorted(found))]


def topics_in(html: str, person: User | None) -> list[str]:
    tokens = [live.read_token(unescape(token), person.pk) for token in TOKEN.findall(html)] if person else []
    return [topic for token in tokens if token for topic in token.topics]


def _without_area(topic: str) -> str:
    """``desk:repairs:3`` and ``board:3`` as ``desk:3``; topics of residents as they are."""
    kind, _colon, rest = topic.partition(":")
    return f"desk:{rest.rpartition(':')[2]}" if kind in {"desk", "board"} else topic


def hidden_topics(standing: str, world: World) -> Iterator[str]:
    near, far = (world.more[name] for name in ("near", "far"))
    here, there = world.estate.pk, world.other_estate.pk
    if standing in RESIDENTS:
        strangers = [near, far]
        yield from (f"desk:{here}", f"desk:{there}")
    elif standing in STAFF_HERE:
        strangers = [far]
        yield from (f"desk:{there}", f"estate:{there}")
    elif standing in FOREIGN:
        strangers = [near]
        yield from (f"desk:{here}", f"estate:{here}")
    else:
        return
    for person, home in strangers:
        yield from (f"resident:{person.pk}", f"home:{home.pk}")
