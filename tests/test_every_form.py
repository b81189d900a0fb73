"""Each form that stands on a page comes back filled in when the session ended while somebody typed.

Sent as by a browser whose session is over: it must be kept, lead back to its page, and be filled in there.
The whole way through the sign-in pages is walked in tests/accounts/test_interrupted_forms.py.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from django.contrib import admin
from django.urls import resolve, reverse

from accounts.interrupted_forms import COOKIE
from accounts.models import User
from community.core import interrupted_forms, sealed_files
from community.core.refill import refill
from community.core.traces import is_traceless
from tests.support.access import EVERYONE
from tests.support.access_rows import ROWS
from tests.support.lean import LeanClient
from tests.support.page_forms import Forms
from tests.support.swept import PAGED, address, pages_of, swept
from tests.support.world import World

pytestmark = pytest.mark.once

TYPED = {"text", "search", "tel", "email", "url", "number", "date", "time", "datetime-local", "month"}
# A form in which nothing is typed is pressed again; these are not kept, and why.
NOT_KEPT = {
    "sign_in": "nobody is signed in there",
    "sign_in_code": "a code",
    "sign_in_again": "nobody is signed in there",
    "staff_sign_in": "a password",
    "staff_factors": "a code",
    "sign_out": "the person leaves",
    "set_language": "works signed out",
    "mode": "works signed out",
}


# Those who have the most forms: each page is asked once.
MOST = ("owner", "manager", "superuser")


@dataclass
class Shown:
    """A form as a page shows it."""

    client: LeanClient
    url: str
    html: str
    controls: list[Any]
    path: str


def filled_in(controls: list[Any]) -> dict[str, list[str]]:
    """What a browser sends of a form in which a person changed every field."""
    sent: dict[str, list[str]] = {}
    last: dict[str, str] = {}
    for name, kind, value, is_on in controls:
        if kind in TYPED or kind == "textarea":
            sent.setdefault(name, []).append(
                f"写了<一半>&“{len(sent)}”\n再写" if kind == "textarea" else "填了 1/2"
            )
        elif kind == "hidden":
            sent.setdefault(name, []).append(value)
        elif kind in {"radio", "option"}:
            last[name] = value
        elif kind == "checkbox" and not is_on:
            sent.setdefault(name, []).append(value)
    return sent | {name: [value] for name, value in last.items()}


def seen(controls: list[Any], sent: dict[str, list[str]]) -> dict[str, list[str]]:
    """What would be sent of the same fields now, hidden ones left out."""
    found: dict[str, list[str]] = {}
    for name, kind, value, is_on in controls:
        if kind == "hidden" or name not in sent or name == interrupted_forms.FILE_FIELD:
            continue
        if kind in TYPED or kind == "textarea" or (kind in {"radio", "option", "checkbox"} and is_on):
            found.setdefault(name, []).append(value)
    return found


def visible(controls: list[Any], sent: dict[str, list[str]]) -> dict[str, list[str]]:
    hidden = {name for name, kind, _value, _is_on in controls if kind in {"hidden", "submit"}}
    return {
        name: values
        for name, values in sent.items()
        if name not in hidden and not interrupted_forms.SECRET.search(name)
    }


def asked_once(wing: str) -> Iterator[tuple[str, str]]:
    """Each page with one of those whom it lets in: who may do most comes first."""
    known = set()
    for standing in sorted(EVERYONE - {"anonymous"}, key=lambda one: (one not in MOST, one)):
        for name in pages_of(wing, standing):
            if name not in known:
                known.add(name)
                yield name, standing


def forms_of(world: World, pages: Iterable[tuple[str, str]]) -> Iterator[Shown]:
    """Each form of these pages once: by where it is sent to, and its fields."""
    known, clients = set(), {}
    for name, standing in pages:
        if standing not in clients:
            clients[standing] = LeanClient()
            clients[standing].force_login(world.people[standing])
        client, url = clients[standing], address(name, ROWS[name], world)
        response = client.get(url)
        if response.status_code != 200 or "text/html" not in response["Content-Type"]:
            continue
        html = response.content.decode()
        for form in Forms(html).found:
            path = urlsplit(urljoin(url, form["action"])).path
            target = resolve(path)
            if is_traceless(target.func):
                # Nothing is kept of it on the server, sealed or not.
                continue
            key = (target.url_name, target.kwargs.get("verb"), *{one[0] for one in form["controls"]})
            if key not in known and target.url_name not in NOT_KEPT:
                known.add(key)
                yield Shown(client, url, html, form["controls"], path)


def trouble_of(shown: Shown) -> str:
    """What is wrong when this form is sent after the session's end; "" if it is kept and filled in again."""
    sent = filled_in(shown.controls)
    expected = visible(shown.controls, sent)
    client = LeanClient()
    client.cookies[COOKIE] = shown.client.cookies[COOKIE].value
    answer = client.post(shown.path, sent, headers={"referer": f"http://testserver{shown.url}"})
    back = parse_qs(urlsplit(answer.headers.get("Location", "")).query).get("next", [""])[0]
    if back != f"{shown.url}#unsent":
        return f"{answer.status_code}, leads back to {back!r}"
    if not expected:
        return ""
    if interrupted_forms.KEY not in client.session:
        return "is not kept"
    [kept] = client.session[interrupted_forms.KEY]
    fields = json.loads(sealed_files.read(kept["words"]))
    done = refill(
        shown.html, page=shown.url, address=kept["address"], fields=fields, files=set(), note="<p>NOTE</p>"
    )
    for again in Forms(done.html).found:
        is_it = urlsplit(urljoin(shown.url, again["action"])).path == shown.path
        if is_it and seen(again["controls"], expected) == expected:
            return ""
    return f"is not filled in: {expected}"


TAKES_ALONG = re.compile(r'form="typed"[^>]*formaction="([^"]*\?page=[^"]*)"')


def trouble_of_taking_along(shown: Shown) -> str:
    """What is wrong when the person asks the family in the middle of this form; "" if it is filled in again."""
    kinds = {kind for _name, kind, _value, _is_on in shown.controls}
    if shown.path != urlsplit(shown.url).path or not kinds & {"textarea", "text"}:
        return ""
    found = TAKES_ALONG.search(shown.html)
    if found is None:
        return "" if 'id="typed"' not in shown.html else "is not taken along"
    sent = filled_in(shown.controls)
    expected = visible(shown.controls, sent)
    answer = shown.client.post(unescape(found[1]), sent)
    if not answer.headers.get("Location", "").startswith(reverse("handover")):
        return f"{answer.status_code} when the family is asked"
    page = shown.client.get(shown.url).content.decode()
    forms = (
        form for form in Forms(page).found if urlsplit(urljoin(shown.url, form["action"])).path == shown.path
    )
    if any(seen(form["controls"], expected) == expected for form in forms):
        return ""
    return f"is not filled in after the family was asked: {expected}"


def troubles(world: World, pages: Iterable[tuple[str, str]]) -> list[str]:
    found = [(shown, trouble_of(shown) or trouble_of_taking_along(shown)) for shown in forms_of(world, pages)]
    return [f"{shown.url} → {shown.path}: {trouble}" for shown, trouble in found if trouble]


@pytest.mark.parametrize("wing", PAGED)
def test_every_form__session_over__comes_back_filled_in(wing: str, world: World) -> None:
    assert not (wrong := troubles(world, asked_once(wing))), "\n".join(wrong)


@pytest.mark.long
@pytest.mark.parametrize("wing", PAGED)
def test_every_form__of_everybody__comes_back_filled_in(wing: str, world: World) -> None:
    pages = ((name, standing) for name, standing in swept(wing) if standing != "anonymous")
    assert not (wrong := troubles(world, pages)), "\n".join(wrong)


# One of each kind of field: choices, icons, hours below the row, amounts, long texts.
KINDS = {"Estate", "RepairCategory", "CareService", "StandardAnswer"}


def add_pages(client: LeanClient, wanted: set[str] | None = None) -> Iterator[Shown]:
    """The page of each list of the back office on which a row is added, with its form."""
    for model in admin.site._registry:
        if wanted is not None and model.__name__ not in wanted:
            continue
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")
        response = client.get(url)
        if response.status_code == 200:
            html = response.content.decode()
            for form in Forms(html).found:
                if urlsplit(urljoin(url, form["action"])).path == url:
                    yield Shown(client, url, html, form["controls"], url)


def chief() -> LeanClient:
    client = LeanClient()
    client.force_login(User.objects.create_superuser("chief", "a long root password", name="系统管理员"))
    return client


def test_office_forms__of_each_kind__come_back_filled_in(db: None, every_right: None) -> None:
    pages = list(add_pages(chief(), KINDS))
    assert len(pages) == len(KINDS)
    assert [trouble_of(shown) for shown in pages] == [""] * len(KINDS)


@pytest.mark.long
def test_every_office_form__session_over__comes_back_filled_in(db: None, every_right: None) -> None:
    wrong = {shown.url: trouble_of(shown) for shown in add_pages(chief())}
    assert len(wrong) > 15
    assert {url: trouble for url, trouble in wrong.items() if trouble} == {}
