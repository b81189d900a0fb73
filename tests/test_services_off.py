"""A service that is switched off is gone from every page, and the pages of the others still open."""

import importlib
import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from django.apps import apps
from django.conf import settings as configured
from django.contrib import admin
from django.urls import NoReverseMatch, clear_url_caches, is_valid_path, reverse
from drf_spectacular.generators import SchemaGenerator

from accounts.backends import permissions_of
from accounts.models import StaffRole
from accounts.models.residents import delegable
from community.celery import timetable
from community.core.services import Service, registry, scopes
from community.notifications import messages
from services.common.models.response import answering
from services.scheduling.models.hours import with_places
from tests.support.lean import LeanClient
from tests.support.world import World

pytestmark = pytest.mark.once

KEYS = list(configured.SERVICES)
LINK = re.compile(r'(?:href|action|src|data-url)="(/[^"#?]*)')
# Served by others, or typed by people.
ELSEWHERE = ("/static/", "/media/")
HOME_PAGES = ("/", "/home/live/", "/more/", "/me/", "/family/", "/family/add/services/", "/inbox/")
RESIDENT_PAGES = ("/repairs/", "/fees/", "/care/", "/help/", "/renovation/", "/feedback/", "/notices/")
STAFF_PAGES = (
    *("/staff/", "/staff/morning/", "/staff/repairs/", "/staff/fees/", "/staff/care/", "/staff/help/"),
    *("/staff/renovation/", "/staff/feedback/", "/staff/notices/", "/staff/residents/", "/admin/"),
)
# A page of each service, by the name of its address.
PAGES = {
    "repairs": ("repairs", "board", "api_repairs"),
    "fees": ("fees", "fees_desk", "api_bills"),
    "care": ("care", "care_week", "api_care_bookings"),
    "help": ("help", "help_duty", "api_help_calls"),
    "renovation": ("renovations", "staff_renovations", "api_renovations"),
    "feedback": ("feedback_list", "staff_feedback", "api_feedback_list"),
}
WORK_PAGES = {"repair_worker": "/work/", "carer": "/care-work/", "crew": "/crew/"}


def read_urls_again() -> None:
    for name in ("community.api_urls", "community.urls"):
        importlib.reload(importlib.import_module(name))
    clear_url_caches()


@pytest.fixture(params=KEYS)
def off(request: pytest.FixtureRequest, settings, world: World) -> Iterator[str]:
    """The key of a service that is switched off; the world has rows of it."""
    settings.SERVICES = [key for key in KEYS if key != request.param]
    read_urls_again()
    yield request.param
    settings.SERVICES = KEYS
    read_urls_again()


def known(key: str) -> Service:
    """The declaration of a service, switched on or off."""
    return registry.known_services()[key]


def client_of(world: World, standing: str, mode: str = "standard") -> LeanClient:
    client = LeanClient(headers={"accept-language": "zh-CN"})
    client.force_login(world.people[standing])
    client.cookies["mode"] = mode
    return client


def troubles(client: LeanClient, pages: tuple[str, ...]) -> list[str]:
    """What is wrong with the pages that have an address: refusals, and links that lead nowhere."""
    found = []
    for page in filter(is_valid_path, pages):
        answer = client.get(page)
        if answer.status_code == 302 and is_valid_path(answer["Location"].partition("?")[0]):
            continue
        if answer.status_code != 200:
            found.append(f"{page}: {answer.status_code}")
            continue
        for link in sorted(set(LINK.findall(answer.content.decode()))):
            if not link.startswith(ELSEWHERE) and not is_valid_path(unquote(link)):
                found.append(f"{page} links to {link}")
    return found


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_residents_pages__without_one_service__open_and_lead_nowhere_closed(
    off: str, mode: str, world: World
) -> None:
    owners = (*HOME_PAGES, *RESIDENT_PAGES) if mode == "standard" else ("/", "/more/", "/me/")
    found = troubles(client_of(world, "owner", mode), owners)
    found += troubles(client_of(world, "delegate", mode), ("/", "/family/"))
    assert found == []


def test_staff_pages__without_one_service__open_and_lead_nowhere_closed(off: str, world: World) -> None:
    found = troubles(client_of(world, "manager"), (*STAFF_PAGES, "/me/tokens/new/"))
    found += troubles(client_of(world, "superuser"), ("/admin/",))
    for standing, page in WORK_PAGES.items():
        found += troubles(client_of(world, standing), (page, "/", "/me/"))
    assert found == []


def test_addresses__of_a_service_switched_off__are_gone(off: str, world: World) -> None:
    for key, names in PAGES.items():
        for name in names:
            if key != off:
                assert reverse(name)
                continue
            with pytest.raises(NoReverseMatch):
                reverse(name)
    models = [model for model in apps.get_app_config(off).get_models() if model in admin.site._registry]
    assert models
    for model in models:
        with pytest.raises(NoReverseMatch):
            reverse(f"admin:{off}_{model._meta.model_name}_changelist")


def test_lists__of_what_is_there__lack_a_service_switched_off(off: str, world: World) -> None:
    prefixes = {f"{off}.", f"services.{off}."}
    rights = {right for role in StaffRole.Role.values for right in permissions_of(role)}
    tasks = {entry["task"] for entry in timetable().values()}
    assert rights
    assert tasks
    assert not [name for name in rights | tasks if name.startswith(tuple(prefixes))]
    assert off not in dict(delegable())
    assert off not in dict(answering())
    assert off not in dict(with_places())
    own = {scope.name for scope in known(off).scopes}
    assert own
    assert not own & {scope.name for scope in scopes()}


def test_schema__without_a_service__describes_the_others(settings, world: World) -> None:
    settings.SERVICES = [key for key in KEYS if key != "repairs"]
    read_urls_again()
    try:
        paths = SchemaGenerator().get_schema(public=True)["paths"]
    finally:
        settings.SERVICES = KEYS
        read_urls_again()
    assert "/api/v1/bills/" in paths
    assert not [path for path in paths if path.startswith(("/api/v1/repairs/", "/api/v1/homes/"))]


def test_message__of_a_service_switched_off__is_still_words(off: str, world: World) -> None:
    template = next(iter(known(off).messages))
    assert messages.title_of(template) != template
    if off == "repairs":
        client = client_of(world, "owner")
        assert messages.title_of("repair_received") in client.get("/inbox/").content.decode()
        assert client.get(reverse("open_notice", args=[world.notice.pk]))["Location"] == "/inbox/"
