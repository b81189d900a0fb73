"""The privacy page and consents: asked where health is typed, withdrawn with an effect, asked again anew."""

import pytest
from django.urls import reverse

from accounts import actions
from accounts.models import Consent, User, privacy
from accounts.models.privacy import has_agreed_to_health
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.core.models import AuditRecord
from services.care.actions import Answer, answer_draft, book
from services.care.models import CareBooking, CareDraft
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> CareDraft:
    return make.make_care_draft(service=make.make_care_service(question="有什么要注意？"))


def answered(draft: CareDraft, *, by: User | None = None, agrees: bool = True) -> None:
    given = Answer("膝盖不好", agrees=agrees)
    answer_draft(draft=draft, by=by or draft.resident, given=given, now=clock.now())


def test_question__without_a_consent__asks_for_it_on_the_page_and_keeps_no_word(client, draft):
    client.force_login(draft.resident)
    page = reverse("care_question", args=[draft.pk])
    assert "id_agrees" in client.get(page).content.decode()
    refused = client.post(page, {"answer": "膝盖不好"})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["agrees"])
    draft.refresh_from_db()
    assert draft.answer == ""
    assert client.post(page, {"answer": ""}).status_code == 302, "a visit can be booked without"
    assert client.post(page, {"answer": "膝盖不好", "agrees": "on"}).status_code == 302
    given = Consent.objects.get()
    assert (given.person, given.way, given.version) == (draft.resident, "self", 1)
    assert "id_agrees" not in client.get(page).content.decode(), "asked once"


def test_withdraw__deletes_what_was_noted__and_the_visit_stands(client, draft):
    answered(draft)
    booking = book(draft=draft, by=draft.resident, now=clock.now())
    client.force_login(draft.resident)
    assert "膝盖不好" in client.get(reverse("care_booking", args=[booking.pk])).content.decode()
    address = reverse("withdraw_consent", args=["health"])
    assert address in client.get(reverse("consents")).content.decode()
    assert client.post(address, follow=True).status_code == 200
    assert "膝盖不好" not in client.get(reverse("care_booking", args=[booking.pk])).content.decode()
    booking.refresh_from_db()
    draft.refresh_from_db()
    assert (booking.description, booking.status, draft.answer) == ("", CareBooking.Status.BOOKED, "")
    client.post(address)
    acts = ["consent_given", "consent_withdrawn"]
    assert (
        list(AuditRecord.objects.filter(action__in=acts).order_by("pk").values_list("action", flat=True))
        == acts
    )


def test_consent__to_a_text_that_has_changed__is_asked_again(draft, monkeypatch):
    answered(draft)
    monkeypatch.setitem(privacy.VERSIONS, "health", 2)
    assert not has_agreed_to_health(draft.resident, clock.now())
    with pytest.raises(ActionError) as refused:
        answered(draft, agrees=False)
    assert refused.value.code == "consent_missing"
    answered(draft)
    assert has_agreed_to_health(draft.resident, clock.now())
    assert [one.version for one in Consent.objects.standing()] == [2]


def test_consent__for_a_child__is_a_parents(draft):
    child, now = draft.resident, clock.now()
    year = clock.today(now).year - 10
    make.make_roster_entry(home=draft.home, phone=child.phone, name=child.name, birth_year=year)
    with pytest.raises(ActionError) as refused:
        answered(draft)
    assert refused.value.code == "guardian_needed"
    mother = make.make_delegation(resident=child, service="care").delegate
    answered(draft, by=mother)
    assert {(one.purpose, one.way) for one in Consent.objects.all()} == {
        ("health", "guardian"),
        ("child", "guardian"),
    }
    actions.withdraw_consent(person=child, purpose=Consent.Purpose.CHILD, by=child, now=now)
    draft.refresh_from_db()
    assert (draft.answer, has_agreed_to_health(child, now)) == ("", False)


def test_consent__by_others__says_who_gave_it_or_is_refused(draft):
    resident, now = draft.resident, clock.now()
    with pytest.raises(Forbidden):
        actions.agree_to_health(person=resident, by=make.make_user(), now=now)
    desk = make.make_staff(role="front_desk", estate=draft.estate)
    answered(draft, by=desk)
    assert Consent.objects.get().way == Consent.Way.DESK
    with pytest.raises(Forbidden):
        actions.withdraw_consent(
            person=resident, purpose=Consent.Purpose.HEALTH, by=make.make_user(), now=now
        )


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_privacy__says_why_and_leads_to_the_consents(client, mode):
    client.cookies["mode"] = mode
    page = client.get(reverse("privacy")).content.decode()
    assert "同意" in page
    assert reverse("consents") not in page
    client.force_login(make.make_resident())
    assert reverse("consents") in client.get(reverse("privacy")).content.decode()
