"""Who wrote without a name cannot be found on any page, whoever opens it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from services.feedback.models import Feedback
from tests.services.feedback.writer import ADDRESS, NAME, WORDS, WRITER_PK, Writer
from tests.support.access import SIGNED_IN
from tests.support.access_rows import API_ROWS, ROWS
from tests.support.lean import LeanClient
from tests.support.undone import undone_at_the_end
from tests.support.world import STAFF_ROLES, World, make_world

STANDINGS = [*STAFF_ROLES, "superuser"]
# Who reads the complaint, so that finding nothing of its writer says something.
READERS = {"pages": {"manager", "front_desk", "auditor"}, "office": {"manager", "auditor"}}


@dataclass
class Written:
    """A world with a complaint without a name in it, and who wrote that."""

    world: World
    writer: Writer
    nameless: Feedback


@pytest.fixture(scope="module")
def _written(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Written]:
    with undone_at_the_end(django_db_blocker):
        world = make_world()
        writer = Writer(world.estate)
        writer.write()
        nameless = Feedback.objects.exclude(pk=world.more["nameless"].pk).get(is_anonymous=True)
        yield Written(world, writer, nameless)


@pytest.fixture
def written(_written: Written, db: None) -> Written:
    return _written


def _shows(response: Any) -> str:
    if response.headers.get("Content-Type", "").startswith(("text/", "application/json", "application/p")):
        content = b"".join(response) if response.streaming else response.content
        return content.decode(errors="replace")
    return ""


def _addresses(world: World, nameless: Feedback, standing: str, *, refused_too: bool) -> list[str]:
    """Every page that can be looked at, and those of the complaint itself.

    Unless ``refused_too``: what lets this person in, as the access matrix holds; and what lets everybody
    in, which is the same for all of them, as the manager.
    """
    found = []
    for name, row in ROWS.items():
        is_looked_at = standing in row.who and (not row.who >= SIGNED_IN or standing == "manager")
        if row.method == "get" and name not in API_ROWS and (is_looked_at or refused_too):
            found.append(reverse(name, kwargs=row.kwargs(world)) + row.query(world))
    found += [reverse(f"staff_feedback{end}", args=[nameless.pk]) for end in ("_one", "_one_live", "_repair")]
    found += [f"/staff/feedback/?state=all&words={words}" for words in (nameless.reference, NAME, "红包")]
    found += ["/staff/feedback/?state=all", "/staff/feedback/?kind=complaint"]
    return found


def _office_addresses(nameless: Feedback) -> list[str]:
    found = [f"/admin/feedback/feedback/{nameless.pk}/change/", "/admin/feedback/feedback/export/"]
    for app, model in (
        *(("feedback", "feedback"), ("common", "satisfaction"), ("common", "responseclock")),
        *(("core", "auditrecord"), ("notifications", "outboxmessage")),
    ):
        found += [f"/admin/{app}/{model}/", f"/admin/{app}/{model}/?q={nameless.reference}"]
    return [*found, f"/admin/feedback/feedback/?q={NAME}"]


def _client(world: World, standing: str) -> LeanClient:
    client = LeanClient(headers={"accept-language": "zh-CN"})
    client.force_login(world.people[standing])
    return client


@pytest.mark.parametrize("part", READERS)
@pytest.mark.parametrize("standing", STANDINGS)
@pytest.mark.parametrize("refused_too", [False, pytest.param(True, marks=pytest.mark.long)])
def test_nameless__every_page_of_every_role__shows_the_words_but_never_the_writer(
    refused_too: bool, standing: str, part: str, written: Written
) -> None:
    nameless, client, is_read = written.nameless, _client(written.world, standing), False
    telling = [NAME, written.writer.user.phone_national, str(WRITER_PK), ADDRESS]
    addresses = _office_addresses(nameless)
    if part == "pages":
        addresses = _addresses(written.world, nameless, standing, refused_too=refused_too)
    for address in addresses:
        words = _shows(client.get(address))
        if WORDS in words or nameless.reference in words:
            # What was searched for stands in the search field again.
            words = words.replace(f'value="{NAME}"', "")
            found = [one for one in telling if one in words]
            assert not found, f"{standing} finds {found} at {address}"
            is_read = True
    assert is_read or standing not in READERS[part]
    if part == "office":
        export = client.post(
            "/admin/feedback/feedback/export/", {"format": "0", "resource": "", "export_items": []}
        )
        assert NAME.encode() not in (b"" if export.streaming else export.content)


def test_nameless__a_search_for_the_writer__finds_nothing_of_theirs(written: Written) -> None:
    desk = _client(written.world, "front_desk")
    for wanted in (NAME, written.writer.user.phone_national):
        page = desk.get("/staff/feedback/", {"state": "all", "words": wanted})
        assert page.status_code == 200
        assert WORDS not in page.content.decode()
