"""What an open page hears, and what an address of a picture shows, after a session or a right has ended."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import websockets
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connections
from django.test import Client
from django.urls import reverse

from accounts import actions
from accounts.models import Delegation, Residency, StaffRole, User
from community.core import clock, pictures
from community.core.sessions import SessionStore
from community.notifications import consumers, live
from services.repairs.models import Repair, RepairPicture
from tests.factories import make_delegation, make_home, make_repair, make_resident, make_staff, make_user
from tests.support.browser import session_cookie
from tests.support.world import a_picture

Role = StaffRole.Role


class Street:
    """A repair, and three people who follow it on an open page."""

    def __init__(self) -> None:
        self.home = make_home()
        self.owner = make_resident(home=self.home, name="王秀英")
        self.tenant = make_resident(home=self.home, kind=Residency.Kind.FAMILY, name="王大明")
        self.delegate = make_user(name="李强")
        make_delegation(resident=self.owner, delegate=self.delegate, service="repairs")
        self.dispatcher = make_staff(role=Role.DISPATCHER, estate=self.home.estate)
        self.repair = make_repair(home=self.home, resident=self.owner, status=Repair.Status.NEW)
        stored = pictures.store(a_picture())
        self.picture = RepairPicture.objects.create(
            repair=self.repair, key=stored.key, width=400, height=300, added_by=self.owner, at=clock.now()
        )

    def end_role(self) -> None:
        self.dispatcher.staff_roles.get().delete()

    def change_role(self) -> None:
        role = self.dispatcher.staff_roles.get()
        role.role = Role.CARER
        role.save()

    def hand_role_over(self) -> None:
        role = self.dispatcher.staff_roles.get()
        role.user = self.tenant
        role.save()

    def end_residency(self) -> None:
        residency = self.tenant.residencies.get()
        actions.move_out(residency=residency, by=self.tenant, now=clock.now())

    def end_delegation(self, by: str = "owner") -> None:
        actions.end_delegations(
            resident=self.owner, delegate=self.delegate, by=getattr(self, by), now=clock.now()
        )

    def pass_last_day(self) -> None:
        last_day = clock.today(clock.now()) - timedelta(days=1)
        Delegation.objects.filter(delegate=self.delegate).update(ends_on=last_day)
        actions.end_delegations_of_the_past(now=clock.now())

    def leave_with_delegation(self) -> None:
        actions.move_out(residency=self.owner.residencies.get(), by=self.owner, now=clock.now())


ENDINGS = {
    "role taken": ("dispatcher", Street.end_role),
    "role changed": ("dispatcher", Street.change_role),
    "role handed over": ("dispatcher", Street.hand_role_over),
    "residency": ("tenant", Street.end_residency),
    "delegation": ("delegate", Street.end_delegation),
    "delegation, by the delegate": ("delegate", lambda street: street.end_delegation(by="delegate")),
    "delegation, its last day": ("delegate", Street.pass_last_day),
}


@pytest.fixture
def street(transactional_db: None) -> Street:
    return Street()


Connect = Callable[[str], Any]


@pytest.fixture
def connect(live_server_url: str) -> Connect:
    """Open a socket with the key of a session."""

    def open_socket(key: str) -> Any:
        return websockets.connect(
            live_server_url.replace("http", "ws") + "/live/",
            additional_headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={key}"},
            origin=live_server_url,
        )

    return open_socket


def page_token(user: User, topic: str) -> str:
    """The token of a page that this person opens now."""
    access = live.numbers_of([live.access_topic(user.pk)])[live.access_topic(user.pk)]
    return live.sign([topic], user.pk, access)


def elsewhere(act: Callable[[], Any]) -> None:
    try:
        act()
    finally:
        connections.close_all()


async def told(socket: Any) -> dict[str, int | None]:
    return json.loads(await asyncio.wait_for(socket.recv(), 5))["numbers"]


async def watching(socket: Any, token: str) -> None:
    await socket.send(json.dumps({"watch": [token]}))
    assert token in await told(socket)


@pytest.mark.parametrize("ending", ENDINGS)
def test_socket__right_ended__hears_nothing_more_with_its_token(
    street: Street, connect: Connect, ending: str
) -> None:
    who, end = ENDINGS[ending]
    user, topic = getattr(street, who), street.repair.live_topic
    token, key = page_token(user, topic), session_cookie(user)

    async def run() -> None:
        async with connect(key) as socket:
            await watching(socket, token)
            await asyncio.to_thread(elsewhere, lambda: end(street))
            assert await told(socket) == {token: live.VOID}
            await asyncio.to_thread(elsewhere, lambda: live.notify_open_pages(topic))
            # Asked for again with the same token, and with that of a page made since.
            fresh = await asyncio.to_thread(page_token, user, topic)
            await socket.send(json.dumps({"watch": [token]}))
            assert await told(socket) == {token: live.VOID}
            await socket.send(json.dumps({"watch": [fresh]}))
            assert (await told(socket)).keys() == {fresh}

    asyncio.run(run())


def test_socket__owner_leaves__void_for_their_delegate_too(street: Street, connect: Connect) -> None:
    token, key = page_token(street.delegate, street.repair.live_topic), session_cookie(street.delegate)

    async def run() -> None:
        async with connect(key) as socket:
            await watching(socket, token)
            await asyncio.to_thread(elsewhere, street.leave_with_delegation)
            assert await told(socket) == {token: live.VOID}

    asyncio.run(run())


def sign_out(street: Street, key: str) -> None:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    client.post(reverse("sign_out"))


def set_password(street: Street, key: str) -> None:
    street.dispatcher.set_password("another one entirely")
    street.dispatcher.save()


def lock(street: Street, key: str) -> None:
    street.dispatcher.is_active = False
    street.dispatcher.save(update_fields=["is_active"])


def end_elsewhere(street: Street, key: str) -> None:
    Session.objects.filter(session_key=key).delete()


@pytest.mark.parametrize("end", [sign_out, set_password, lock, end_elsewhere])
def test_socket__session_ended__is_closed_at_once(
    street: Street, connect: Connect, end: Callable[[Street, str], None]
) -> None:
    token, key = page_token(street.dispatcher, "board:1"), session_cookie(street.dispatcher)

    async def run() -> None:
        async with connect(key) as socket:
            await watching(socket, token)
            await asyncio.to_thread(elsewhere, lambda: end(street, key))
            await asyncio.wait_for(socket.wait_closed(), 5)
            assert socket.close_code == consumers.SIGNED_OUT

    asyncio.run(run())


def test_socket__other_session_of_theirs_ended__goes_on(street: Street, connect: Connect) -> None:
    token, key = page_token(street.dispatcher, "board:1"), session_cookie(street.dispatcher)
    other = session_cookie(street.dispatcher)

    async def run() -> None:
        async with connect(key) as socket:
            await watching(socket, token)
            await asyncio.to_thread(elsewhere, lambda: sign_out(street, other))
            await asyncio.to_thread(elsewhere, lambda: live.notify_open_pages("board:1"))
            assert await told(socket) == {token: 1}

    asyncio.run(run())


def test_socket__message_lost__heartbeat_finds_that_the_session_ended(
    street: Street, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "HEARTBEAT_SECONDS", 0.2)
    token, key = page_token(street.dispatcher, "board:1"), session_cookie(street.dispatcher)

    async def run() -> None:
        async with connect(key) as socket:
            await watching(socket, token)
            await told(socket)
            monkeypatch.setattr(live, "_send_numbers", lambda numbers: None)
            await asyncio.to_thread(elsewhere, lambda: end_elsewhere(street, key))
            await asyncio.wait_for(socket.wait_closed(), 5)
            assert socket.close_code == consumers.SIGNED_OUT

    asyncio.run(run())


def test_socket__working_day_over__is_closed_without_a_word_from_anybody(
    street: Street, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "HEARTBEAT_SECONDS", 0.2)
    key = session_cookie(street.dispatcher)
    session = SessionStore(key)
    session.set_expiry(clock.now() + timedelta(seconds=1))
    session.save()

    async def run() -> None:
        async with connect(key) as socket:
            await asyncio.wait_for(socket.wait_closed(), 5)
            assert socket.close_code == consumers.SIGNED_OUT

    asyncio.run(run())


# -- Polling, parts of pages, and pictures.


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.django_db
def test_addresses__right_ended__say_nothing_more(ending: str) -> None:
    street = Street()
    who, end = ENDINGS[ending]
    user, client = getattr(street, who), Client()
    client.force_login(user)
    token = page_token(user, street.repair.live_topic)
    picture = reverse("repair_picture", args=[street.picture.pk, "small"])
    page = reverse("board_repair_live" if who == "dispatcher" else "repair_live", args=[street.repair.pk])

    def numbers() -> Any:
        return client.get(reverse("live_numbers"), {"t": token}).json()["numbers"][token]

    assert numbers() == 0
    shown = client.get(picture)
    assert shown.status_code == client.get(page).status_code == 200
    assert shown["Cache-Control"] == "private, no-store"
    end(street)
    assert numbers() == live.VOID
    assert client.get(picture).status_code == 404
    assert client.get(page).status_code in {403, 404}


@pytest.mark.django_db
def test_numbers__signed_out__are_refused_and_parts_lead_to_the_sign_in_page() -> None:
    street, client = Street(), Client()
    client.force_login(street.owner)
    token = page_token(street.owner, street.repair.live_topic)
    client.post(reverse("sign_out"))
    assert client.get(reverse("live_numbers"), {"t": token}).status_code == 403
    assert client.get(reverse("repair_live", args=[street.repair.pk])).status_code == 302


@pytest.mark.django_db
def test_page__after_a_right_ended__has_a_token_that_is_good_again(client: Client) -> None:
    street = Street()
    live.access_ended(street.owner.pk)
    client.force_login(street.owner)
    html = client.get(reverse("inbox")).content.decode()
    token = html.partition('data-live="')[2].partition('"')[0]
    assert client.get(reverse("live_numbers"), {"t": token}).json()["numbers"][token] == 0
