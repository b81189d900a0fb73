"""The desk enters a delegate for an elder only with the elder's own yes."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import actions
from accounts.models import Delegation, DelegationRequest, User
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.core.models import AuditRecord
from community.notifications.models import OutboxMessage
from tests import factories
from tests.support.arguments import grouped
from tests.support.world import a_picture

pytestmark = pytest.mark.django_db
NUMBER = "+8613812345678"


class Desk:
    """An elder, and two people at the desk of their estate."""

    def __init__(self, **elder: Any) -> None:
        self.elder = factories.make_resident(**elder)
        estate = self.elder.residencies.get().home.estate
        self.clerk, self.colleague = (factories.make_staff(estate=estate) for _n in range(2))

    def propose(self, **given: Any) -> DelegationRequest:
        asked = {"resident": self.elder, "phone": NUMBER, "relation": "son", "services": ["fees"]}
        asked |= {"by": self.clerk, "now": clock.now()} | given
        proposed, rest = grouped(actions.ProposedDelegation, asked)
        return actions.propose_delegation(proposed, **rest)

    def propose_by_paper(self) -> DelegationRequest:
        return self.propose(picture=a_picture())


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def desk_without_phone() -> Desk:
    return Desk(phone="", phone_verified_at=None)


def type_code(request: DelegationRequest, code: str, by: User, **given: Any) -> None:
    actions.agree_by_code(request=request, code=code, by=by, **({"now": clock.now()} | given))


def test_propose__nothing_is_offered__and_the_elder_gets_a_code(
    desk: Desk, codes: list[dict[str, Any]]
) -> None:
    request = desk.propose()
    assert not Delegation.objects.exists()
    assert not User.objects.with_phone(NUMBER).exists()
    sent = codes[0]
    assert (sent["phone"], sent["template"]) == (desk.elder.phone, "delegation_code")
    assert OutboxMessage.objects.get(template="delegation_proposed").recipient == desk.elder
    assert AuditRecord.objects.get(action="delegation_proposed").actor == desk.clerk
    # Nothing that staff can read holds the code.
    kept = [str(vars(request)), *(str(vars(row)) for row in AuditRecord.objects.all())]
    kept += [str(vars(row)) for row in OutboxMessage.objects.all()]
    client = Client()
    client.force_login(desk.clerk)
    kept.append(client.get(reverse("desk_family", args=[desk.elder.pk])).content.decode())
    assert not any(sent["code"] in one for one in kept)


def test_code__typed_at_the_desk__offers_and_tells_the_elder(desk: Desk, codes: list[dict[str, Any]]) -> None:
    request = desk.propose()
    for _twice in range(2):
        type_code(request, codes[0]["code"], desk.clerk)
    offered = Delegation.objects.get()
    assert (offered.resident, offered.service, offered.accepted_at) == (desk.elder, "fees", None)
    told = OutboxMessage.objects.filter(template="delegation_agreed", recipient=desk.elder)
    assert set(told.values_list("channel", flat=True)) == {"inbox", "sms"}
    record = AuditRecord.objects.get(action="delegation_agreed")
    assert (record.actor, record.detail["how"]) == (desk.clerk, "code")
    assert [step.to_status for step in request.history.all()] == ["waiting", "agreed"]


def test_code__wrong_five_times_or_too_late__is_worth_nothing(
    desk: Desk, codes: list[dict[str, Any]]
) -> None:
    request = desk.propose()
    code = codes[0]["code"]
    wrong = "000000" if code != "000000" else "000001"
    refused = []
    for _n in range(6):
        with pytest.raises(ActionError) as error:
            type_code(DelegationRequest.objects.get(), wrong, desk.clerk)
        refused.append(error.value.code)
    assert refused == ["code_wrong"] * 5 + ["code_used_up"]
    with pytest.raises(ActionError, match="code_used_up"):
        type_code(DelegationRequest.objects.get(), code, desk.clerk)
    # A page from before does not help: the row counts.
    with pytest.raises(ActionError, match="code_used_up"):
        type_code(request, code, desk.clerk)
    late = desk.propose(phone="+8613812345679")
    with pytest.raises(ActionError, match="code_used_up"):
        type_code(late, codes[1]["code"], desk.clerk, now=clock.now() + timedelta(minutes=31))
    assert not Delegation.objects.exists()


def test_propose__by_whom_it_may_not_be(desk: Desk, codes: list[dict[str, Any]]) -> None:
    for by in (factories.make_staff(), factories.make_resident(), desk.elder):
        with pytest.raises(Forbidden):
            desk.propose(by=by)
    with pytest.raises(ActionError, match="own_proposal"):
        desk.propose(phone=desk.clerk.phone)
    assert not DelegationRequest.objects.exists()


@pytest.mark.parametrize("checked", [True, False])
def test_propose__code_or_paper__as_the_elders_number_is(checked: bool, codes: list[dict[str, Any]]) -> None:
    """A number that only the desk has written proves nothing; who has a phone is asked there."""
    desk = Desk(phone_verified_at=clock.now() if checked else None)
    wrong, code = (desk.propose_by_paper, "has_a_phone") if checked else (desk.propose, "no_checked_number")
    with pytest.raises(ActionError) as refused:
        wrong()
    assert (refused.value.code, refused.value.field) == (code, "picture")
    (desk.propose if checked else desk.propose_by_paper)()
    assert len(codes) == checked


def test_paper__confirmed_by_a_colleague__never_by_who_entered_it(desk_without_phone: Desk) -> None:
    desk = desk_without_phone
    request = desk.propose_by_paper()
    with pytest.raises(ActionError, match="needs_another"):
        actions.confirm_paper(request=request, by=desk.clerk, now=clock.now())
    with pytest.raises(Forbidden):
        actions.confirm_paper(request=request, by=factories.make_staff(), now=clock.now())
    with pytest.raises(ActionError, match="code_used_up"):
        type_code(request, "000000", desk.clerk)
    assert not Delegation.objects.exists()
    actions.confirm_paper(request=request, by=desk.colleague, now=clock.now())
    assert Delegation.objects.offered().get().resident == desk.elder
    record = AuditRecord.objects.get(action="delegation_agreed")
    assert (record.actor, record.detail["proposed_by"]) == (desk.colleague, desk.clerk.pk)


def test_propose__an_accomplice_of_the_desk__refused_by_paper_and_by_code(
    desk: Desk, desk_without_phone: Desk, codes: list[dict[str, Any]]
) -> None:
    with pytest.raises(ActionError, match="colleague"):
        desk.propose(phone=desk.colleague.phone)
    with pytest.raises(ActionError, match="colleague"):
        desk_without_phone.propose(phone=desk_without_phone.colleague.phone, picture=a_picture())
    assert (DelegationRequest.objects.count(), codes) == (0, [])
    # Somebody who works elsewhere is a daughter like any other.
    desk.propose(phone=desk_without_phone.colleague.phone)


def test_paper__by_the_delegate_who_works_there_since__refused(desk_without_phone: Desk) -> None:
    desk = desk_without_phone
    request = desk.propose_by_paper()
    DelegationRequest.objects.update(phone=desk.colleague.phone)
    request.refresh_from_db()
    with pytest.raises(ActionError, match="needs_another"):
        actions.confirm_paper(request=request, by=desk.colleague, now=clock.now())


def test_own_page__yes_or_no__by_the_elder_alone(desk: Desk, codes: list[dict[str, Any]]) -> None:
    request, other = desk.propose(), desk.propose(phone="+8613812345679")
    stranger, elder = Client(), Client()
    stranger.force_login(factories.make_resident())
    elder.force_login(desk.elder)
    yes, no = reverse("agree_to_request", args=[request.pk]), reverse("refuse_request", args=[other.pk])
    assert (stranger.post(yes).status_code, stranger.post(no).status_code) == (404, 404)
    page = elder.get(reverse("family")).content.decode()
    assert (yes in page, no in page) == (True, True)
    elder.post(yes)
    elder.post(no)
    assert Delegation.objects.offered().count() == 1
    assert set(DelegationRequest.objects.values_list("status", flat=True)) == {"agreed", "dropped"}
    with pytest.raises(ActionError):
        type_code(DelegationRequest.objects.get(pk=other.pk), codes[1]["code"], desk.clerk)
    # And it can be ended at any time.
    elder.post(reverse("end_family", args=[Delegation.objects.get().pk]))
    assert not Delegation.objects.open().exists()


def test_desk_page__paper__shown_to_the_desk_alone_and_on_record(desk_without_phone: Desk) -> None:
    desk = desk_without_phone
    clerk, colleague, foreign = Client(), Client(), Client()
    for client, user in ((clerk, desk.clerk), (colleague, desk.colleague), (foreign, factories.make_staff())):
        client.force_login(user)
    page = reverse("desk_family", args=[desk.elder.pk])
    posted = {"relation": "son", "phone": "13812345678", "services": ["fees"], "picture": a_picture()}
    clerk.post(page, posted)
    request = DelegationRequest.objects.get()
    paper, confirm = (
        reverse(name, args=[request.pk]) for name in ("desk_family_paper", "desk_family_confirm")
    )
    assert confirm not in clerk.get(page).content.decode()
    assert confirm in colleague.get(page).content.decode()
    assert colleague.get(paper)["Content-Type"] == "image/jpeg"
    assert AuditRecord.objects.filter(action="delegation_paper_read", actor=desk.colleague).count() == 1
    assert (foreign.get(paper).status_code, foreign.post(confirm).status_code) == (404, 404)
    clerk.post(confirm)
    assert not Delegation.objects.exists()
    colleague.post(confirm)
    assert Delegation.objects.offered().count() == 1


def test_desk_page__code__typed_there(desk: Desk, codes: list[dict[str, Any]]) -> None:
    client = Client()
    client.force_login(desk.clerk)
    page = reverse("desk_family", args=[desk.elder.pk])
    client.post(page, {"relation": "son", "phone": "13812345678", "services": ["fees"]})
    address = reverse("desk_family_code", args=[DelegationRequest.objects.get().pk])
    assert address in client.get(page).content.decode()
    client.post(address, {"code": "12"})
    assert not Delegation.objects.exists()
    client.post(address, {"code": codes[0]["code"]})
    assert Delegation.objects.offered().count() == 1
