"""Words typed in a page's form come along when the mode is switched or the family is asked for help."""

import json
import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from community.core import clock, interrupted_forms, sealed_files
from services.repairs.models import RepairDraft
from tests import factories

WORDS = "厨房水管漏水，一直滴"
BUTTON = re.compile(r'form="typed"[^>]*?formaction="([^"]*)"')


@pytest.fixture
def parent(db: None) -> User:
    return factories.make_resident(name="王秀英")


@pytest.fixture
def draft(parent: User) -> RepairDraft:
    home = parent.residencies.get().home
    return RepairDraft.objects.create(
        estate=home.estate,
        resident=parent,
        begun_by=parent,
        home=home,
        category=factories.make_category(estate=home.estate),
        created_at=clock.now(),
    )


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def buttons(client: Client, url: str) -> dict[str, str]:
    """The addresses of the page's buttons that send its form: "mode" and "family"."""
    found = [unescape(one) for one in BUTTON.findall(client.get(url).content.decode())]
    return {"mode" if "mode=" in one else "family": one for one in found}


def words_url(draft: RepairDraft) -> str:
    return reverse("report_words", args=[draft.pk])


def hand_over(client: Client, url: str, typed: dict[str, Any], child: User) -> None:
    asked = client.post(buttons(client, url)["family"], typed)
    path = client.get(asked["Location"]).context["form"]["path"].value()
    assert path == url
    done = client.post(reverse("handover"), {"path": path, "delegates": [child.pk]})
    assert child.name in done.content.decode()


def test_mode__switched_there_and_back__words_stay_and_nothing_is_said(
    parent: User, draft: RepairDraft
) -> None:
    client, url = signed_in(parent), words_url(draft)
    for mode in ("large", "standard"):
        answer = client.post(buttons(client, url)["mode"], {"description": WORDS})
        assert answer["Location"] == url
        page = client.get(url).content.decode()
        assert f'data-mode="{mode}"' in page
        assert f"{WORDS}</textarea>" in page
        assert 'id="unsent"' not in page
        parent.refresh_from_db()
        assert parent.prefers_large is (mode == "large")
    client.post(url, {"description": "换了说法"})
    assert WORDS not in client.get(url).content.decode()


def test_mode__nothing_typed__keeps_nothing(parent: User, draft: RepairDraft) -> None:
    client, url = signed_in(parent), words_url(draft)
    client.post(buttons(client, url)["mode"], {"description": ""})
    assert interrupted_forms.KEY not in client.session


def test_mode__secrets_among_the_fields__are_not_kept(parent: User, draft: RepairDraft) -> None:
    client, url = signed_in(parent), words_url(draft)
    secrets = {"password": "geheim", "code": "123456", "csrfmiddlewaretoken": "x"}
    client.post(buttons(client, url)["mode"], {"description": WORDS, **secrets})
    [kept] = client.session[interrupted_forms.KEY]
    assert json.loads(sealed_files.read(kept["words"])) == {"description": [WORDS]}


def test_mode__another_person_on_the_same_device__never_sees_the_words(
    parent: User, draft: RepairDraft
) -> None:
    child = factories.make_delegation(resident=parent, service="repairs").delegate
    client, url = signed_in(parent), words_url(draft)
    client.post(buttons(client, url)["mode"], {"description": WORDS})
    client.force_login(child)
    page = client.get(url)
    assert page.status_code == 200
    assert WORDS not in page.content.decode()


def test_mode__picture_has_gone_up__is_sent_with_the_form_again(parent: User, draft: RepairDraft) -> None:
    client, url = signed_in(parent), words_url(draft)
    client.post(
        buttons(client, url)["mode"], {"description": WORDS, "pictures_early": "token-1", "voice_early": ""}
    )
    page = " ".join(client.get(url).content.decode().split())
    assert 'name="pictures_early" value="token-1" id="early_1" checked' in page
    assert "您选的文件还在" in page
    assert "early_2" not in page


def test_mode__session_over__words_come_back_to_the_same_person(parent: User, draft: RepairDraft) -> None:
    client, url = signed_in(parent), words_url(draft)
    action = buttons(client, url)["mode"]
    token = client.cookies["csrftoken"].value
    client.cookies.pop("sessionid")
    answer = client.post(action, {"description": WORDS, "csrfmiddlewaretoken": token})
    assert answer["Location"].startswith(reverse("sign_in"))
    kept = client.session[interrupted_forms.KEY]
    assert [(one["person"], one["page"]) for one in kept] == [(parent.pk, url)]


def test_handover__report__words_reach_the_child_who_may_act_there(parent: User, draft: RepairDraft) -> None:
    child = factories.make_delegation(resident=parent, service="repairs").delegate
    other = factories.make_delegation(resident=parent, service="fees").delegate
    client, url = signed_in(parent), words_url(draft)
    hand_over(client, url, {"description": WORDS}, child)
    assert f"{WORDS}</textarea>" in signed_in(child).get(f"{url}?for={parent.pk}").content.decode()
    assert signed_in(other).get(f"{url}?for={parent.pk}").status_code == 404
    assert interrupted_forms.KEY not in client.session
    assert f"{WORDS}</textarea>" in client.get(url).content.decode()


def test_handover__report_of_a_stranger__stores_nothing(parent: User, draft: RepairDraft) -> None:
    stranger = factories.make_resident()
    child = factories.make_delegation(resident=stranger, service="repairs").delegate
    client, url = signed_in(stranger), words_url(draft)
    client.post(f"{reverse('take_along')}?page={url}", {"description": WORDS})
    client.post(reverse("handover"), {"path": url, "delegates": [child.pk]})
    draft.refresh_from_db()
    assert draft.description == ""


def test_feedback__mode_switched__words_go_round_without_being_stored(parent: User) -> None:
    estate = parent.residencies.get().home.estate
    client = signed_in(parent)
    url = f"{reverse('feedback_new')}?estate={estate.pk}&kind=complaint"
    page = client.get(url)
    found = buttons(client, url)
    typed = {"sealed": page.context["sealed"], "words": WORDS, "step": "edit"}
    answer = client.post(found["mode"], typed)
    assert (answer.status_code, answer["Location"]) == (307, url)
    again = client.post(answer["Location"], typed).content.decode()
    assert 'data-mode="large"' in again
    assert f"{WORDS}</textarea>" in again
    assert interrupted_forms.KEY not in client.session


def test_feedback__whole_form_sent_to_the_switch__is_not_sent_on(parent: User) -> None:
    action = f"{reverse('take_along')}?mode=large&page={reverse('feedback_send')}"
    assert signed_in(parent).post(action, {"words": WORDS}).status_code == 302


def test_take_along__foreign_page__refused(parent: User) -> None:
    answer = signed_in(parent).post(f"{reverse('take_along')}?page=https://evil.example/", {"words": WORDS})
    assert answer.status_code == 409
