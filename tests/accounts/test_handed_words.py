"""Words typed at a step without a draft reach the relative who is asked, and nobody else."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions import end_delegations
from accounts.models import HandedForm, User
from accounts.tasks import forget_handed_forms
from community.core import clock, interrupted_forms
from community.core.services import declared
from services.common.models import RequestRef
from services.common.satisfaction import ask_satisfaction
from services.feedback.models import Feedback
from services.repairs.models import Repair
from tests import factories
from tests.accounts.test_taken_along import buttons, hand_over, signed_in
from tests.factories.renovation import Site, make_appointment

WORDS = "水阀在厨房柜子后面，要先挪开米桶"


@pytest.fixture
def parent(db: None) -> User:
    return factories.make_resident(name="王秀英")


@pytest.fixture
def child(parent: User) -> User:
    return factories.make_delegation(resident=parent, service="repairs").delegate


@pytest.fixture
def url(parent: User) -> str:
    repair = factories.make_repair(resident=parent, home=parent.residencies.get().home)
    return reverse("repair_add_words", args=[repair.pk])


def text(client: Client, url: str) -> str:
    return " ".join(client.get(url).content.decode().split())


def for_parent(url: str, parent: User) -> str:
    return f"{url}{'&' if '?' in url else '?'}for={parent.pk}"


def test_handover__words_without_a_draft__fill_the_form_of_the_relative_asked(
    parent: User, child: User, url: str
) -> None:
    other = factories.make_delegation(resident=parent, service="repairs").delegate
    stranger = factories.make_delegation(resident=parent, service="fees").delegate
    client = signed_in(parent)
    hand_over(client, url, {"words": WORDS}, child)
    page = text(signed_in(child), for_parent(url, parent))
    assert f"{WORDS}</textarea>" in page
    assert "王秀英写的，看好了再提交" in page
    assert WORDS not in text(signed_in(child), url)
    assert WORDS not in text(signed_in(other), for_parent(url, parent))
    assert signed_in(stranger).get(for_parent(url, parent)).status_code == 404
    assert f"{WORDS}</textarea>" in text(client, url)


def test_handover__relative_sends_the_words__they_are_gone_for_both(
    parent: User, child: User, url: str
) -> None:
    client, helper = signed_in(parent), signed_in(child)
    hand_over(client, url, {"words": WORDS}, child)
    assert helper.post(for_parent(url, parent), {"words": ""}).status_code == 422
    assert f"{WORDS}</textarea>" in text(client, url)
    assert helper.post(for_parent(url, parent), {"words": WORDS}).status_code == 302
    assert f"{WORDS}</textarea>" not in text(client, url)
    assert f"{WORDS}</textarea>" not in text(helper, for_parent(url, parent))


def test_handover__delegation_ended__words_are_deleted(parent: User, child: User, url: str) -> None:
    hand_over(signed_in(parent), url, {"words": WORDS}, child)
    end_delegations(resident=parent, delegate=child, by=parent, now=clock.now())
    assert signed_in(child).get(for_parent(url, parent)).status_code == 404
    assert not HandedForm.objects.exists()


def test_handed__service_no_longer_entrusted__is_not_visible(parent: User, child: User, url: str) -> None:
    hand_over(signed_in(parent), url, {"words": WORDS}, child)
    assert HandedForm.objects.visible_to(child).exists()
    parent.delegations_given.update(service="fees")
    assert not HandedForm.objects.visible_to(child).exists()


def test_handed__two_days_later__is_deleted(parent: User, child: User, url: str) -> None:
    hand_over(signed_in(parent), url, {"words": WORDS}, child)
    assert forget_handed_forms() == 0
    HandedForm.objects.update(created_at=clock.now() - timedelta(days=2))
    assert WORDS not in text(signed_in(child), for_parent(url, parent))
    assert forget_handed_forms() == 1


def test_handover_page__words_typed__says_which_go_along(parent: User, child: User, url: str) -> None:
    client = signed_in(parent)
    asked = client.post(buttons(client, url)["family"], {"words": WORDS})
    page = text(client, asked["Location"])
    assert "您写的一起发给家人" in page
    assert WORDS in page
    assert WORDS not in text(client, f"{reverse('handover')}?path={reverse('repairs')}")


@pytest.mark.parametrize("step", ["repair_reopen", "appointment_defects", "feedback_act"])
def test_handover__step_of_another_service__words_come_along(parent: User, step: str) -> None:
    home = parent.residencies.get().home
    if step == "repair_reopen":
        row: Any = factories.make_repair(resident=parent, home=home, status=Repair.Status.DONE)
    elif step == "appointment_defects":
        site = Site(home=home)
        row = make_appointment(site=site, resident=parent, status="done")
    else:
        waits = Feedback.Status.WAITING
        row = factories.make_feedback(resident=parent, estate=home.estate, status=waits)
    service = {"repair_reopen": "repairs", "appointment_defects": "renovation"}.get(step, "feedback")
    child = factories.make_delegation(resident=parent, service=service).delegate
    url = reverse(step, args=[row.pk, "add"] if step == "feedback_act" else [row.pk])
    hand_over(signed_in(parent), url, {"words": WORDS}, child)
    assert f"{WORDS}</textarea>" in text(signed_in(child), for_parent(url, parent))


def test_handed__each_step__has_a_name_for_the_message() -> None:
    homes = [one.home for one in declared() if one.home]
    assert any(home.handed for home in homes)
    assert [step for home in homes for step in home.handed if step not in home.steps] == []


def test_handover__answer_of_a_booking__is_in_the_draft_of_the_relative(db: None) -> None:
    service = factories.make_care_service(question="去哪家医院？")
    draft = factories.make_care_draft(service=service)
    child = factories.make_delegation(resident=draft.resident, service="care").delegate
    stranger = factories.make_delegation(resident=draft.resident, service="fees").delegate
    client, url = signed_in(draft.resident), reverse("care_question", args=[draft.pk])
    hand_over(client, url, {"answer": "市一医院 骨科"}, child)
    assert "市一医院 骨科</textarea>" in text(signed_in(child), for_parent(url, draft.resident))
    assert signed_in(stranger).get(for_parent(url, draft.resident)).status_code == 404
    assert "市一医院 骨科</textarea>" in text(client, url)


def asked_about_feedback(client: Client, parent: User, **extra: str) -> tuple[str, dict[str, Any], Any]:
    """The page of the first words, what is typed there, and the page that asks about it."""
    estate = parent.residencies.get().home.estate
    url = f"{reverse('feedback_new')}?estate={estate.pk}&kind=complaint"
    typed = {"sealed": client.get(url).context["sealed"], "words": WORDS, "step": "edit", **extra}
    return url, typed, client.post(buttons(client, url)["family"], typed)


@pytest.mark.parametrize("choice", ["words", "alone"])
def test_handover__first_words_of_feedback__come_along_only_when_the_person_says_so(
    parent: User, choice: str
) -> None:
    child = factories.make_delegation(resident=parent, service="feedback").delegate
    client = signed_in(parent)
    url, _typed, page = asked_about_feedback(client, parent)
    assert WORDS in page.content.decode()
    assert interrupted_forms.KEY not in client.session
    asked = page.context["form"]
    sent = {"path": url, "delegates": [child.pk], "carried": asked["carried"].value(), "send": choice}
    done = client.post(f"{reverse('take_along')}?page={reverse('feedback_new')}", sent)
    assert child.name in done.content.decode()
    shown = text(signed_in(child), for_parent(url, parent))
    assert (f"{WORDS}</textarea>" in shown) == (choice == "words")
    assert HandedForm.objects.count() == (1 if choice == "words" else 0)
    assert interrupted_forms.KEY not in client.session


def test_handover__first_words_of_feedback__way_back_shows_them_again(parent: User) -> None:
    factories.make_delegation(resident=parent, service="feedback")
    client = signed_in(parent)
    url, typed, page = asked_about_feedback(client, parent)
    hidden = dict(page.context["carried"])
    assert hidden["sealed"] == typed["sealed"]
    back = client.post(url, {**hidden, "step": "edit"})
    assert f"{WORDS}</textarea>" in back.content.decode()


def test_handover__feedback_sent_by_the_relative__words_are_gone(parent: User) -> None:
    child = factories.make_delegation(resident=parent, service="feedback").delegate
    client, helper = signed_in(parent), signed_in(child)
    url, _typed, page = asked_about_feedback(client, parent)
    sent = {"path": url, "delegates": [child.pk], "carried": page.context["form"]["carried"].value()}
    client.post(f"{reverse('take_along')}?page={reverse('feedback_new')}", {**sent, "send": "words"})
    opened = helper.get(for_parent(url, parent))
    form = {"sealed": opened.context["sealed"], "words": WORDS, "for": parent.pk}
    assert helper.post(reverse("feedback_send"), form).status_code == 302
    assert not HandedForm.objects.exists()
    assert Feedback.objects.get().resident == parent


def test_handover__rating_of_a_payment__comes_to_the_child_who_pays_and_is_given_once(parent: User) -> None:
    home = parent.residencies.get().home
    child = factories.make_delegation(resident=parent, service="fees").delegate
    other = factories.make_delegation(resident=parent, service="repairs").delegate
    paid = RequestRef(home.estate.pk, "fees", "P-261123-0001")
    question = ask_satisfaction(paid, what="缴费", resident=parent, now=clock.now())
    url = reverse("how_was_it", args=[question.pk])
    hand_over(signed_in(parent), url, {"words": WORDS}, child)
    assert f"{WORDS}</textarea>" in text(signed_in(child), for_parent(url, parent))
    assert signed_in(other).get(for_parent(url, parent)).status_code == 404
    sent = signed_in(child).post(for_parent(url, parent), {"face": 2, "words": WORDS})
    assert sent.status_code == 302
    question.refresh_from_db()
    assert (question.answer.face, question.answer.given_by) == (2, child)
    assert not HandedForm.objects.exists()
    end_delegations(resident=parent, delegate=child, by=parent, now=clock.now())
    assert signed_in(child).get(for_parent(url, parent)).status_code == 404
