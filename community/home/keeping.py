"""The home page as it is kept for a person: made again only when something that it shows has changed.

``topics_of()`` are the numbers that it depends on: a test (``tests/test_kept.py``) changes everything that the
page shows through every door. Besides them it depends on what is in its key, and on moments that the services
name by ``changes_at()``. See "What may be kept" in docs/architecture.md.
"""

import re
from collections.abc import Callable
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils.translation import get_language

from accounts.http import SignedInRequest
from accounts.models import User, access_of, found_once
from community.core import clock, lines
from community.core.changes import EVERYTHING
from community.core.moments import next_of, noted
from community.notices.queries import live_topics
from community.notifications import kept, live
from community.notifications.topics import estate_topic, home_topic, resident_topic
from services.common.context import is_staff_page

# A landlord of a whole entrance watches what concerns their person only, and nothing is kept for them.
MOST_TOPICS = 36
# Each page has a token of its own against forged forms, which is never kept.
_TOKEN = re.compile(r'(name="csrfmiddlewaretoken" value=")[^"]*')

Make = Callable[[list[str]], HttpResponse]


def topics_of(user: User) -> list[str]:
    """Returns the topics of everything that the home page shows to this person."""
    access = access_of(user)
    people = [user.pk, *access.acts_for_in_any()]
    living = access.living_of_all()
    return [
        EVERYTHING,
        *map(resident_topic, people),
        *{home_topic(one.home_id) for one in living},
        *{estate_topic(one.home.estate.pk) for one in living},
        *live_topics(access.lived_in()),
    ]


def kept_page(request: HttpRequest, user: User, make: Make) -> HttpResponse:
    """Returns the page as it was kept while nothing has changed, else as ``make`` makes it for these topics.

    Only the plain address is kept, without messages of a step just taken, and not for staff, whose alarm bar
    changes at any moment.
    """
    if request.GET or is_staff_page(request) or len(get_messages(request)):
        return make(_watched(user))
    made = _made(request, user, "page", make)
    return made if isinstance(made, HttpResponse) else _answer(request, made["text"])


def kept_fragment(request: SignedInRequest, make: Make) -> HttpResponse:
    """Returns the live part of the page likewise; nothing (204) if the asking page has this number already."""
    made = _made(request, request.user, "live", make)
    if isinstance(made, HttpResponse):
        return made
    if request.headers.get("X-Live-Number") == str(made["shown"]):
        return HttpResponse(status=204)
    return _answer(request, made["text"])


def _watched(user: User) -> list[str]:
    topics = topics_of(user)
    return topics if len(topics) <= MOST_TOPICS else [EVERYTHING, resident_topic(user.pk)]


def _made(request: HttpRequest, user: User, kind: str, make: Make) -> dict[str, Any] | HttpResponse:
    """Returns what is kept, made anew if it is old; an answer that cannot be kept as it is."""
    now = clock.now()
    mode = getattr(request, "mode", "")
    # The person was read before the numbers, so what the page says of them belongs to the key.
    key = kept.key_of("home", kind, user.pk, user.name, user, mode, get_language(), clock.today(now))
    known = kept.load_or_wait(key)
    # All numbers are read before what they stand for, and the person's own before what they may see.
    own = [live.access_topic(user.pk), f"inbox:{user.pk}", resident_topic(user.pk), EVERYTHING]
    newest = live.numbers_of(known["numbers"] if known else own)
    if known and kept.is_current(known, newest, now):
        return dict(known)
    with found_once(), noted() as moments:
        topics = topics_of(user)
        wanted = {*topics, *own}
        missing = wanted - newest.keys()
        numbers = {name: newest[name] for name in wanted - missing}
        numbers |= live.numbers_of(missing) if missing else {}
        user.live_numbers = numbers  # type: ignore[attr-defined]
        response = make(_watched(user))
    if response.status_code != 200 or len(topics) > MOST_TOPICS:
        kept.give_up(key)
        return response
    made = {
        "text": _without_token(request, response),
        "numbers": numbers,
        "shown": sum(numbers[topic] for topic in topics),
        "until": next_of(moments, now, kept.LONGEST).timestamp(),
    }
    kept.save(key, made)
    return made


def _without_token(request: HttpRequest, response: HttpResponse) -> str:
    lines.mark(request, response)
    return _TOKEN.sub(r"\1", response.content.decode())


def _answer(request: HttpRequest, text: str) -> HttpResponse:
    """Returns the text as an answer, with a token of this request."""
    if _TOKEN.search(text):
        token = get_token(request)
        text = _TOKEN.sub(lambda found: found[1] + token, text)
    response = HttpResponse(text)
    response.lines_are_marked = True  # type: ignore[attr-defined]
    return response
