"""A link that a member of staff is shown opens: on the start page, the menu, and the pages behind them."""

import re
from collections import deque

import pytest

from accounts.models import User
from accounts.policies import start_page
from community.estates import nav
from tests.support.access import ADMINISTRATORS
from tests.support.lean import LeanClient
from tests.support.world import STAFF_ROLES, World

pytestmark = pytest.mark.once

LINK = re.compile(r'<a [^>]*?href="(/[^"#]*)')
CLOSED = {403, 404, 405}
NUMBER = re.compile(r"\d+")


def closed_links(client: LeanClient, start: str, *, steps_to_go: int) -> list[str]:
    """Every link within so many steps of a page that answers "no", with the page that shows it.

    Of pages that differ in a number alone, as the rows of a list do, a few are opened.
    """
    found, seen, kinds = [], {start}, {start: 1}
    waiting = deque([(start, "", 0)])
    while waiting:
        address, shown_on, steps = waiting.popleft()
        answer = client.get(address)
        if answer.status_code in CLOSED or answer.status_code >= 500:
            found.append(f"{address} on {shown_on}: {answer.status_code}")
        if answer.status_code in {301, 302} and answer["Location"].startswith("/"):
            page = answer["Location"]
            if page not in seen:
                seen.add(page)
                waiting.append((page, shown_on, steps))
        if address.startswith("/admin/") and address != "/admin/":
            continue  # its own lists, which tests/community/test_admin.py opens
        is_page = answer.status_code == 200 and answer["Content-Type"].startswith("text/html")
        if not is_page or steps == steps_to_go:
            continue
        for link in LINK.findall(answer.content.decode()):
            link = link.replace("&amp;", "&")
            kind = NUMBER.sub("0", link)
            if link in seen or kinds.get(kind, 0) >= 1:
                continue
            seen.add(link)
            kinds[kind] = kinds.get(kind, 0) + 1
            waiting.append((link, address, steps + 1))
    return found


HERE = sorted({*STAFF_ROLES, *ADMINISTRATORS})


def client_of(person: User) -> LeanClient:
    client = LeanClient(headers={"accept-language": "zh-CN"})
    client.force_login(person)
    return client


@pytest.mark.parametrize("standing", HERE)
def test_workbench__every_link_on_it_and_in_the_menu__opens(
    standing: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also with what stands there on some days only, and for whoever has a role and no flag."""
    monkeypatch.setattr(nav, "years_to_enter", lambda today: [2030])
    administrators = list(User.objects.administering().values_list("pk", flat=True))
    User.objects.exclude(pk__in=administrators).update(is_staff=False)
    person = User.objects.get(pk=world.people[standing].pk)
    first = "/staff/" if start_page(person) == "/admin/" else start_page(person)
    assert not closed_links(client_of(person), first, steps_to_go=1)


@pytest.mark.long
@pytest.mark.parametrize("standing", HERE)
def test_workbench__every_link_on_the_pages_behind_it__opens(standing: str, world: World) -> None:
    person = world.people[standing]
    assert not closed_links(client_of(person), start_page(person), steps_to_go=2)
