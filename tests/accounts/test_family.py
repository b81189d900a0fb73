"""亲情代办 and 请家人帮忙: who may act for whom, and one step handed over."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts import actions
from accounts.models import Delegation, DelegationRequest, StaffRole, User
from accounts.policies import may_act_for
from community.core import clock
from community.core.errors import ActionError, Forbidden, TooMany
from community.notifications.models import OutboxMessage
from tests import factories

pytestmark = pytest.mark.django_db
NUMBER = "+8613812345678"


def give(resident: User, phone: str = NUMBER, *services: str, by: User | None = None):
    return actions.give_delegation(
        proposed=actions.ProposedDelegation(resident, phone, "daughter", services or ["repairs"]),
        by=by or resident,
        now=clock.now(),
    )


def propose(resident: User, by: User) -> DelegationRequest:
    return actions.propose_delegation(
        actions.ProposedDelegation(resident=resident, phone=NUMBER, relation="son", services=["repairs"]),
        by=by,
        now=clock.now(),
    )


def messages_to(user: User) -> set[tuple[str, str, str]]:
    return set(OutboxMessage.objects.filter(recipient=user).values_list("template", "channel", "url"))


def give_code(client: Client) -> None:
    """Lets the session have given a fresh code just now."""
    session = client.session
    session["fresh_code_given_at"] = clock.now().timestamp()
    session.save()


def estate_of(user: User) -> int:
    return user.residencies.get().home.estate.pk


def test_give__answers_a_code_and_a_yes__delegate_who_never_signed_in_is_told_by_sms(client):
    resident = factories.make_resident()
    client.force_login(resident)
    answer = client.post(reverse("add_family"), {"relation": "daughter"})
    for step, given in (("phone", "138 1234 5678"), ("services", ["repairs", "fees"]), ("lasting", "good")):
        assert answer.url == reverse("confirm_family")
        answer = client.post(reverse("add_family_step", args=[step]), {step: given})
    assert answer.url == reverse("confirm_family")
    page = client.get(answer.url).content.decode()
    assert "138 1234 5678" in page
    assert not Delegation.objects.exists()
    assert client.post(answer.url).url.startswith(reverse("fresh_code"))
    give_code(client)
    client.post(answer.url)
    delegate = User.objects.with_phone(NUMBER).get()
    given = Delegation.objects.filter(resident=resident, delegate=delegate)
    assert set(given.values_list("service", flat=True)) == {"repairs", "fees"}
    family = reverse("family")
    assert messages_to(delegate) == {
        ("delegation_offered", "inbox", family),
        ("delegation_offered", "sms", family),
    }
    assert messages_to(resident) == set()
    assert not may_act_for(delegate, resident, "repairs", estate_id=estate_of(resident))


def test_offer__before_the_yes__neither_learns_the_others_name(client):
    resident = factories.make_resident(name="陈志强")
    delegate = factories.make_user(phone=NUMBER, name="李小红")
    give(resident)
    client.force_login(resident)
    page = client.get(reverse("family")).content.decode()
    assert "尾号5678" in page
    assert "李小红" not in page
    told = OutboxMessage.objects.get(recipient=delegate, channel="sms")
    assert told.params == {"digits": resident.phone[-4:]}
    client.force_login(delegate)
    page = client.get(reverse("family")).content.decode()
    assert f"尾号{resident.phone[-4:]}" in page
    assert "陈志强" not in page


def test_offer__accepted__begins_and_the_resident_is_told(client):
    resident, delegate = factories.make_resident(), factories.make_user(phone=NUMBER)
    offer = give(resident)[0]
    client.force_login(delegate)
    for _twice in range(2):
        assert client.post(reverse("accept_family", args=[offer.pk])).url == reverse("family")
    assert may_act_for(delegate, resident, "repairs", estate_id=estate_of(resident))
    assert messages_to(resident) == {("delegation_noted", "inbox", reverse("family"))}


def test_offer__accepted_by_the_one_who_gave_it__forbidden(client):
    resident = factories.make_resident()
    offer = give(resident)[0]
    client.force_login(resident)
    assert client.post(reverse("accept_family", args=[offer.pk])).status_code == 403
    assert not Delegation.objects.active().exists()


def test_offer__declined__is_over_without_a_name_and_what_was_accepted_stays(client):
    resident, delegate = factories.make_resident(), factories.make_user(phone=NUMBER, name="李小红")
    offer = give(resident)[0]
    client.force_login(delegate)
    client.post(reverse("decline_family", args=[offer.pk]))
    assert not Delegation.objects.open().exists()
    assert OutboxMessage.objects.get(recipient=resident).params == {"name": "****5678"}
    factories.make_delegation(resident=resident, delegate=delegate, service="fees")
    client.post(reverse("decline_family", args=[give(resident)[0].pk]))
    assert [one.service for one in Delegation.objects.open()] == ["fees"]


def test_offer__taken_back__cannot_be_accepted(client):
    resident, delegate = factories.make_resident(), factories.make_user(phone=NUMBER)
    offer = give(resident)[0]
    actions.end_delegations(resident=resident, delegate=delegate, by=resident, now=clock.now())
    client.force_login(delegate)
    assert client.post(reverse("accept_family", args=[offer.pk])).status_code == 409
    assert not Delegation.objects.active().exists()


def test_give__fourth_offer_to_one_number_in_a_day__refused_whoever_gives_it():
    for _n in range(3):
        give(factories.make_resident())
    with pytest.raises(TooMany):
        give(factories.make_resident())


def test_desk__resident_who_lives_elsewhere_too__is_left_to_themselves():
    resident = factories.make_resident(name="陈志强")
    desk = factories.make_staff()
    actions.add_residency_at_desk(
        name="王",
        phone=resident.phone,
        home=factories.make_home(estate=desk.staff_roles.get().estate),
        kind="tenant",
        by=desk,
        now=clock.now(),
    )
    assert messages_to(resident) == {
        ("residency_approved", channel, reverse("me")) for channel in ("inbox", "sms")
    }
    held = factories.make_delegation(resident=resident)
    for act in (
        lambda: propose(resident, desk),
        lambda: actions.rename(user=resident, name="王", by=desk),
        lambda: actions.set_mode_for(resident=resident, by=desk, large=True),
        lambda: actions.end_delegations(resident=resident, delegate=held.delegate, by=desk, now=clock.now()),
    ):
        with pytest.raises(ActionError, match="lives_elsewhere_too"):
            act()


def test_give__without_answers__back_to_the_first_question(client):
    client.force_login(factories.make_resident())
    give_code(client)
    assert client.get(reverse("confirm_family")).url == reverse("add_family")
    assert client.post(reverse("confirm_family")).url == reverse("add_family")
    assert client.get(reverse("add_family_step", args=["nonsense"])).status_code == 404


def test_give__own_number_or_no_service__refused():
    resident = factories.make_resident()
    with pytest.raises(ActionError, match="own_number"):
        give(resident, resident.phone)
    with pytest.raises(ActionError, match="service_missing"):
        give(resident, NUMBER, "nonsense")


def test_give__twice__is_there_once():
    resident = factories.make_resident()
    give(resident)
    assert give(resident) == []
    assert Delegation.objects.offered().count() == 1


def test_give__eleventh_of_a_day__refused():
    resident = factories.make_resident()
    for n in range(10):
        give(resident, f"+86139{n:08d}")
    with pytest.raises(TooMany):
        give(resident)


def test_give__by_a_stranger_or_a_delegate__forbidden():
    resident = factories.make_resident()
    delegate = factories.make_delegation(resident=resident).delegate
    desk = factories.make_staff(estate=resident.residencies.get().home.estate)
    for actor in (factories.make_resident(), delegate, factories.make_staff(), desk):
        with pytest.raises(Forbidden):
            give(resident, by=actor)


def test_may_act__only_for_the_service_and_until_it_ends():
    resident, delegate = factories.make_resident(), factories.make_user()
    factories.make_delegation(resident=resident, delegate=delegate, service="repairs")
    estate = estate_of(resident)
    assert may_act_for(delegate, resident, "repairs", estate_id=estate)
    assert not may_act_for(delegate, resident, "fees", estate_id=estate)
    assert not may_act_for(resident, delegate, "repairs", estate_id=estate)
    actions.end_delegations(resident=resident, delegate=delegate, by=resident, now=clock.now())
    assert not may_act_for(delegate, resident, "repairs", estate_id=estate)


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (StaffRole.Role.FRONT_DESK, True),
        (StaffRole.Role.MANAGER, True),
        (StaffRole.Role.REPAIR_WORKER, False),
    ],
)
def test_may_act__desk__for_residents_of_its_estate(role, may):
    resident = factories.make_resident()
    home = resident.residencies.get().home
    staff = factories.make_staff(role=role, estate=home.estate)
    assert may_act_for(staff, resident, "repairs", estate_id=home.estate.pk) is may
    assert not may_act_for(factories.make_staff(role=role), resident, "repairs", estate_id=home.estate.pk)


@pytest.mark.parametrize("side", ["resident", "delegate"])
def test_end__by_either_side__all_of_it_ends_and_both_are_told(client, side):
    resident, delegate = factories.make_resident(), factories.make_user()
    for service in ("repairs", "fees"):
        newest = factories.make_delegation(resident=resident, delegate=delegate, service=service)
    client.force_login(resident if side == "resident" else delegate)
    url = reverse("end_family", args=[newest.pk])
    assert client.get(url).status_code == 200
    assert Delegation.objects.active().count() == 2
    for _twice in range(2):
        assert client.post(url).url == reverse("family")
    assert not Delegation.objects.active().exists()
    assert [template for template, _c, _u in messages_to(resident)] == ["delegation_ended"]
    assert [template for template, _c, _u in messages_to(delegate)] == ["delegation_ended"]


def test_end__somebody_elses__is_not_there(client):
    other = factories.make_delegation()
    client.force_login(factories.make_resident())
    assert client.post(reverse("end_family", args=[other.pk])).status_code == 404
    assert Delegation.objects.active().exists()


def test_mode__set_by_a_delegate__parent_sees_large_even_after_choosing_the_other(client):
    resident, delegate = factories.make_resident(), factories.make_user()
    held = factories.make_delegation(resident=resident, delegate=delegate, service="settings")
    parent = client
    parent.force_login(resident)
    parent.post(reverse("mode"), {"mode": "standard"})
    assert 'data-mode="standard"' in parent.get(reverse("me")).content.decode()
    childs_phone = type(client)()
    childs_phone.force_login(delegate)
    childs_phone.post(reverse("mode_for", args=[held.pk]), {"large": "1"})
    assert 'data-mode="large"' in parent.get(reverse("me")).content.decode()
    assert 'data-mode="standard"' in childs_phone.get(reverse("me")).content.decode()


def test_mode__set_by_a_delegate_for_repairs__forbidden(client):
    held = factories.make_delegation(service="repairs")
    client.force_login(held.delegate)
    assert client.post(reverse("mode_for", args=[held.pk]), {"large": "1"}).status_code == 403
    held.resident.refresh_from_db()
    assert not held.resident.prefers_large


def test_family_page__whom_i_help__link_to_report_for_them(client):
    held = factories.make_delegation()
    client.force_login(held.delegate)
    assert f"/repairs/new/?for={held.resident.pk}" in client.get(reverse("family")).content.decode()


def test_handover__chosen_family__get_the_step_by_inbox_and_sms(client):
    resident = factories.make_resident()
    first, second = (factories.make_delegation(resident=resident).delegate for _n in range(2))
    client.force_login(resident)
    page = client.get(reverse("handover"), {"path": "/repairs/new/?home=3"})
    assert page.context["form"]["path"].value() == "/repairs/new/?home=3"
    done = client.post(reverse("handover"), {"path": "/repairs/new/?home=3", "delegates": [first.pk]})
    assert first.name in done.content.decode()
    url = f"/repairs/new/?home=3&for={resident.pk}"
    assert messages_to(first) == {("handover", "inbox", url), ("handover", "sms", url)}
    assert messages_to(second) == set()


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "/" + 180 * "x",
        "//evil.example/x",
        "javascript:alert(1)",
        "/\\evil.example",
        "help/",
        "///x",
    ],
)
def test_handover__foreign_address__refused(client, path):
    held = factories.make_delegation()
    client.force_login(held.resident)
    answer = client.post(reverse("handover"), {"path": path, "delegates": [held.delegate.pk]})
    assert answer.status_code == 409
    assert not OutboxMessage.objects.exists()
    assert f'href="{path}"' not in client.get(reverse("handover"), {"path": path}).content.decode()


def test_handover__to_somebody_who_is_not_family__refused(client):
    resident, stranger = factories.make_resident(), factories.make_user()
    factories.make_delegation(resident=resident)
    client.force_login(resident)
    client.post(reverse("handover"), {"path": "/help/", "delegates": [stranger.pk]})
    assert not OutboxMessage.objects.exists()
    with pytest.raises(ActionError, match="nobody_chosen"):
        actions.hand_over(by=resident, delegates=[stranger], path="/help/", now=clock.now())


def test_handover__nobody_yet__says_how_to_add_family_and_whom_to_call(client):
    resident = factories.make_resident()
    client.force_login(resident)
    page = client.get(reverse("handover"), {"path": "/help/"}).content.decode()
    assert reverse("add_family") in page
    assert resident.residencies.get().home.estate.desk_phone in page.replace(" ", "")


def test_handover__sixth_of_an_hour__refused(client):
    held = factories.make_delegation()
    client.force_login(held.resident)
    form = {"path": "/help/", "delegates": [held.delegate.pk]}
    answers = [client.post(reverse("handover"), form).status_code for _n in range(6)]
    assert answers == [200] * 5 + [429]


def test_handover__to_one_who_has_not_accepted__refused():
    resident = factories.make_resident()
    asked = factories.make_delegation(resident=resident, accepted_at=None).delegate
    with pytest.raises(ActionError, match="nobody_chosen"):
        actions.hand_over(by=resident, delegates=[asked], path="/help/", now=clock.now())


def test_handover__eleventh_of_a_day_to_one_person__refused_whoever_asks():
    delegate = factories.make_user()
    for _n in range(2):
        resident = factories.make_delegation(delegate=delegate).resident
        for _five in range(5):
            actions.hand_over(by=resident, delegates=[delegate], path="/help/", now=clock.now())
    resident = factories.make_delegation(delegate=delegate).resident
    with pytest.raises(TooMany):
        actions.hand_over(by=resident, delegates=[delegate], path="/help/", now=clock.now())
