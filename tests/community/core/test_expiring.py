"""Addresses of people's pictures, spoken messages and papers: for one session, for an hour, beside the permission."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.test import Client
from django.urls import resolve, reverse

from community.core import clock
from community.core.expiring import names_that_expire
from services.common import early_files
from services.repairs.models import Repair, RepairPicture
from tests import factories as make
from tests.support.world import a_picture
from tests.test_architecture import ROOT, python_files

MORNING = datetime(2026, 11, 30, 1, 10, tzinfo=UTC)
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def repair(db: None, settings: Any) -> Repair:
    settings.PRIVATE_ADDRESSES_END = True
    repair = make.make_repair()
    client = signed_in(repair.resident)
    client.post(reverse("repair_add_words", args=[repair.pk]), {"words": "看照片", "pictures": a_picture()})
    return repair


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def given_out(client: Client, repair: Repair, *, page: str = "repair") -> str:
    """Returns the address of the small picture as it stands on a page."""
    text = client.get(reverse(page, args=[repair.pk])).content.decode()
    plain = reverse("repair_picture", args=[repair.pictures.get().pk, "small"])
    [address, *_again] = re.findall(rf'src="({plain}[^"]*)"', text)
    return str(address)


def test_address__of_a_page__opens_for_its_session_within_the_hour(repair: Repair):
    client = signed_in(repair.resident)
    with time_machine.travel(MORNING, tick=False) as now:
        address = given_out(client, repair)
        assert "?until=" in address
        assert client.get(address).status_code == 200
        now.shift(15 * 60)
        # The same half hour: a part of a page that is fetched again has not changed.
        assert given_out(client, repair) == address
        now.shift(25 * 60)
        assert client.get(address).status_code == 200
        now.shift(25 * 60)
        assert client.get(address).status_code == 404
        assert client.get(address, headers={"Sec-Fetch-Site": "none"}).status_code == 404
        # The page is still open: it goes on showing its picture.
        assert client.get(address, headers=OURS).status_code == 200
        # An older browser, on our page and on another.
        for referer, status in (
            ("http://testserver/repairs/", 200),
            ("https://else.example/", 404),
            ("http://[", 404),
        ):
            assert client.get(address, headers={"Referer": referer}).status_code == status
        assert (
            client.get(
                address, headers={"Sec-Fetch-Site": "none", "Referer": "http://testserver/"}
            ).status_code
            == 404
        )


def test_address__copied_or_sent_on__opens_nothing(repair: Repair):
    address = given_out(signed_in(repair.resident), repair)
    plain = address.partition("?")[0]
    desk = signed_in(make.make_staff(role="dispatcher", estate=repair.estate))
    own = given_out(desk, repair, page="board_repair")
    assert desk.get(own).status_code == 200
    # The desk may see the picture, by the address of its own page.
    assert desk.get(address).status_code == 404
    assert signed_in(repair.resident).get(address).status_code == 404
    client = signed_in(repair.resident)
    for other in (plain, f"{plain}?until=", f"{plain}?until=9999999999.{'0' * 32}", f"{plain}?until=١٢.x"):
        assert client.get(other).status_code == 404
        assert client.get(other, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 404
    mine = given_out(client, repair)
    assert client.get(mine.replace("/small/", "/large/")).status_code == 404


def test_permission__is_asked_for_all_the_same(repair: Repair):
    stranger = signed_in(make.make_resident())
    plain = reverse("repair_picture", args=[repair.pictures.get().pk, "small"])
    assert stranger.get(plain, headers=OURS).status_code == 404
    assert Client().get(plain, headers=OURS).status_code == 302


def test_picture_sent_ahead__shown_again__is_for_this_session(repair: Repair):
    client = signed_in(repair.resident)
    sent = client.post(reverse("early_picture"), {"ticket": early_files.ticket(), "picture": a_picture()})
    token = sent.json()["token"]
    for _number in range(6):
        RepairPicture.objects.create(
            repair=repair, key="gone", width=1, height=1, added_by=repair.resident, at=clock.now()
        )
    add = reverse("repair_add_words", args=[repair.pk])
    page = client.post(add, {"words": "看照片", "pictures_early": token}).content.decode()
    plain = reverse("early_picture_shown", args=[token])
    [address] = re.findall(rf'src="({re.escape(plain)}[^"]*)"', page)
    assert client.get(address).status_code == 200
    assert Client().get(address).status_code == 404


def test_views_of_private_files__are_all_marked():
    """But for what everybody may hear: our own texts, read aloud; the API is opened by a token, not by a session."""
    serving = {
        str(path.relative_to(ROOT))
        for path in python_files()
        if re.search(r"\bserve_private\(|\bfiles\.serve\(|\b_serve\(", path.read_text())
        and "/api/" not in str(path)
    }
    marked = set()
    for name in names_that_expire(django_settings.ROOT_URLCONF):
        assert name
    for path in serving:
        text = (ROOT / path).read_text()
        views = re.findall(
            r"^(?:@[\w.()\[\], \"]+\n)+def \w+\(request.*?(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL
        )
        for view in views:
            if (
                re.search(r"\bserve_private\(|\bfiles\.serve\(|\b_serve\(", view)
                and "@address_expires" not in view
            ):
                marked.add(path)
    assert marked == {"community/core/views.py"}


def test_marked_addresses__are_those_of_their_views():
    for address in ("/early-pictures/x/", "/media/pictures/00000000-0000-0000-0000-000000000000/small/"):
        found = resolve(address)
        assert getattr(found.func, "address_expires", False)
        assert found.url_name in names_that_expire(django_settings.ROOT_URLCONF)
