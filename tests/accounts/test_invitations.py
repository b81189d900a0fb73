"""Invitations by a link: a relative gets in only with the resident's yes, a stranger with a forwarded link never."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts import actions
from accounts.models import Delegation, FamilyInvitation, User
from accounts.policies import may_act_for
from community.core import clock
from community.core.errors import ActionError, Forbidden, TooMany
from community.core.models import AuditRecord
from community.core.transitions import AlreadyMoved
from tests.factories import make_delegation, make_resident, make_user

pytestmark = pytest.mark.django_db
Status = FamilyInvitation.Status


def invite(resident: User, *services: str) -> FamilyInvitation:
    return actions.invite_family(
        proposed=actions.ProposedDelegation(resident, "", "son", services or ["repairs"]),
        by=resident,
        now=clock.now(),
    )


def client_of(user: User) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    return client


def link_of(invitation: FamilyInvitation) -> str:
    return reverse("family_invited", args=[actions.token_of(invitation)])


def may_help(delegate: User, resident: User) -> bool:
    estate = resident.residencies.get().home.estate
    return may_act_for(delegate, resident, "repairs", estate_id=estate.pk)


def test_link__made_taken_and_confirmed__both_have_agreed_and_it_is_recorded() -> None:
    mother, son = make_resident(name="王秀英"), make_user(name="")
    at_home, away = client_of(mother), client_of(son)
    asked = at_home.post(reverse("add_family"), {"relation": "son"})
    session = at_home.session
    session["fresh_code_given_at"] = clock.now().timestamp()
    session.save()
    shown = at_home.post(asked.url)
    page = at_home.get(shown.url).content.decode()
    invitation = FamilyInvitation.objects.get()
    assert link_of(invitation) in page
    assert "<svg" in page
    before = away.get(link_of(invitation)).content.decode()
    assert "王秀英" not in before
    assert mother.phone[-4:] in before
    assert 'class="error"' in away.post(link_of(invitation), {"name": ""}).content.decode()
    assert away.post(link_of(invitation), {"name": "李强"}).status_code == 302
    assert not may_help(son, mother)
    assert "登记住址" not in away.get("/").content.decode()
    family = at_home.get(reverse("family")).content.decode()
    assert "李强" in family
    assert son.masked_phone in family
    assert "等您办" in at_home.get("/").content.decode()
    at_home.post(reverse("confirm_invitation", args=[invitation.pk]))
    assert may_help(son, mother)
    assert set(Delegation.objects.active().values_list("service", flat=True)) == {"repairs", "fees"}
    assert {"family_invited", "family_invitation_taken", "delegation_given"} <= set(
        AuditRecord.objects.values_list("action", flat=True)
    )


def test_link__forwarded_to_a_stranger__opens_nothing_without_the_residents_yes() -> None:
    mother, stranger, son = make_resident(), make_user(name="张三"), make_user(name="李强")
    invitation = invite(mother)
    client_of(stranger).post(link_of(invitation))
    assert not may_help(stranger, mother)
    assert "已失效" in client_of(son).get(link_of(invitation)).content.decode()
    assert client_of(stranger).post(reverse("confirm_invitation", args=[invitation.pk])).status_code == 404
    client_of(mother).post(reverse("drop_invitation", args=[invitation.pk]))
    assert not may_help(stranger, mother)
    invitation.refresh_from_db()
    with pytest.raises(AlreadyMoved):
        actions.confirm_invitation(invitation=invitation, by=mother, now=clock.now())
    assert not Delegation.objects.exists()


@pytest.mark.parametrize("end", ["expired", "withdrawn", "taken", "number changed", "forged"])
def test_link__that_is_over__is_refused_without_saying_why(end: str) -> None:
    mother, son, now = make_resident(), make_user(name="李强"), clock.now()
    invitation = invite(mother)
    link = link_of(invitation)
    if end == "expired":
        FamilyInvitation.objects.update(expires_at=now - timedelta(seconds=1))
    elif end == "withdrawn":
        actions.drop_invitation(invitation=invitation, by=mother, now=now)
    elif end == "taken":
        actions.take_invitation(invitation=invitation, by=make_user(name="张三"), now=now)
    elif end == "number changed":
        actions.change_number(user=mother, phone="+8613800009999", by=mother, is_verified=True, now=now)
    else:
        link = link[:-2] + ("a" if link[-2] != "a" else "b") + "/"
    client = client_of(son)
    assert "已失效" in client.get(link).content.decode()
    client.post(link)
    assert not FamilyInvitation.objects.filter(delegate=son).exists()


def test_link__opened_signed_out__says_who_asks_by_the_end_of_the_number_alone() -> None:
    mother = make_resident(name="王秀英")
    invitation, stranger = invite(mother, "fees"), Client(headers={"accept-language": "zh-CN"})
    answer = stranger.get(link_of(invitation))
    page = answer.content.decode()
    assert f"尾号{mother.phone[-4:]}" in page
    assert "用您自己的手机号登录" in page
    for secret in ("王秀英", mother.phone[3:7], str(mother.residencies.get().home), "儿子"):
        assert secret not in page
    assert stranger.get(answer.context["sign_in_url"]).context["next"] == link_of(invitation)
    actions.take_invitation(invitation=invitation, by=make_user(name="李强"), now=clock.now())
    for link in (link_of(invitation), link_of(invitation)[:-2] + "a/"):
        over = stranger.get(link).content.decode()
        assert "已失效" in over
        assert mother.phone[-4:] not in over


def test_take__twice_at_the_same_moment__one_gets_it() -> None:
    mother, first, second = make_resident(), make_user(name="李强"), make_user(name="张三")
    invitation = invite(mother)
    late = FamilyInvitation.objects.get(pk=invitation.pk)
    actions.take_invitation(invitation=invitation, by=first, now=clock.now())
    with pytest.raises(ActionError, match="link_over"):
        actions.take_invitation(invitation=late, by=second, now=clock.now())
    assert FamilyInvitation.objects.get().delegate == first


def test_take__by_a_staff_account_whose_number_was_never_checked__is_refused_and_stays_open() -> None:
    mother = make_resident()
    invitation = invite(mother)
    # Whoever makes a staff account chooses its name and number: the resident would be shown a son's.
    clerk = make_user(username="clerk", name="李强", phone_verified_at=None)
    page = client_of(clerk).post(link_of(invitation)).content.decode()
    assert "还没有验证" in page
    assert "李强" not in client_of(mother).get(reverse("family")).content.decode()
    actions.take_invitation(invitation=invitation, by=make_user(name="李强"), now=clock.now())
    assert FamilyInvitation.objects.get().status == Status.TAKEN


def test_take__own_link__is_refused() -> None:
    mother = make_resident()
    with pytest.raises(ActionError, match="own_link"):
        actions.take_invitation(invitation=invite(mother), by=mother, now=clock.now())


def test_confirm__offered_before__is_accepted_once() -> None:
    mother, son = make_resident(), make_user(name="李强")
    make_delegation(resident=mother, delegate=son, service="repairs", accepted_at=None)
    invitation = invite(mother)
    actions.take_invitation(invitation=invitation, by=son, now=clock.now())
    with pytest.raises(Forbidden):
        actions.confirm_invitation(invitation=invitation, by=son, now=clock.now())
    actions.confirm_invitation(invitation=invitation, by=mother, now=clock.now())
    actions.confirm_invitation(invitation=invitation, by=mother, now=clock.now())
    assert Delegation.objects.active().count() == 1


def test_links__many_in_a_day__are_limited() -> None:
    mother = make_resident()
    for _number in range(10):
        invite(mother)
    with pytest.raises(TooMany):
        invite(mother)
