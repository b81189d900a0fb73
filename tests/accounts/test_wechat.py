"""Residents sign in by WeChat once they have said yes to it; nobody else does, and each refusal has a way on."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts import actions
from accounts.models import User
from community.core import clock, limits
from community.core.errors import Forbidden
from community.core.limit_table import WECHAT_REFUSED
from community.core.models import AuditRecord
from community.demo.wechat.platform import HANGS, NO_JSON, Platform
from community.notifications.models import InboxNotice
from community.wechat import http
from community.wechat.models import Binding, OfficialAccount
from tests.factories import make_resident, make_staff
from tests.support.wechat import AGENT, OTHER_APP, make_account, make_binding, platform, wechat_port  # noqa: F401

pytestmark = pytest.mark.django_db
NUMBER = "+8613812345678"
BEGIN, BACK, SIGN_IN = "/sign-in/wechat/", "/sign-in/wechat/back/", "/sign-in/"


@pytest.fixture
def account(platform: Platform) -> OfficialAccount:  # noqa: F811
    return make_account()


@pytest.fixture
def resident(db: None) -> User:
    return make_resident(phone=NUMBER, name="王秀英")


@pytest.fixture
def phone() -> Client:
    return Client(headers={"User-Agent": AGENT})


def begin(phone: Client, next_url: str = "") -> str:
    """Returns the state with which the sign-in began."""
    asked = phone.get(BEGIN, {"next": next_url} if next_url else {})
    parts = urlsplit(asked["Location"])
    assert parts.path == "/connect/oauth2/authorize"
    assert parts.fragment == "wechat_redirect"
    given = parse_qs(parts.query)
    assert list(given) == ["appid", "redirect_uri", "response_type", "scope", "state"]
    return given["state"][0]


def come_back(phone: Client, platform: Platform, openid: str = "oPerson0001", **more: Any) -> Any:  # noqa: F811
    state = begin(phone, more.pop("next_url", ""))
    code = platform.state.new_code("wx8888888888888888", openid, **more)
    return phone.get(BACK, {"code": code, "state": state})


def sign_in_by_code(phone: Client, codes: list[dict[str, Any]]) -> Any:
    phone.post(SIGN_IN, {"phone": "13812345678"})
    return phone.post("/sign-in/code/", {"code": codes[-1]["code"]})


def is_signed_in(client: Client) -> bool:
    return client.get("/me/").status_code == 200


def said(answer: Any) -> str:
    return " ".join(str(one) for one in get_messages(answer.wsgi_request))


def test_first_visit__code_once_and_a_yes__second_visit_needs_no_code(
    account: OfficialAccount,
    platform: Platform,  # noqa: F811
    phone: Client,
    resident: User,
    codes: list[dict[str, Any]],
):
    assert BEGIN in phone.get(SIGN_IN).content.decode()
    assert BEGIN not in Client().get(SIGN_IN).content.decode()
    assert come_back(phone, platform)["Location"] == SIGN_IN
    assert not is_signed_in(phone)
    asked = sign_in_by_code(phone, codes)
    assert asked["Location"] == reverse("bind_wechat")
    assert phone.get(asked["Location"]).status_code == 200
    assert not Binding.objects.exists()
    assert phone.post(asked["Location"])["Location"] == "/"
    binding = Binding.objects.get()
    assert (binding.user, binding.openid) == (resident, "oPerson0001")
    assert InboxNotice.objects.filter(user=resident, template="wechat_bound").count() in (0, 1)

    again = Client(headers={"User-Agent": AGENT})
    before = again.get(SIGN_IN).wsgi_request.session.session_key
    answer = come_back(again, platform, next_url="/me/")
    assert answer["Location"] == "/me/"
    assert is_signed_in(again)
    assert len(codes) == 1
    key = again.session.session_key
    assert key != before
    record = AuditRecord.objects.filter(action="sign_in", outcome="ok").latest("pk")
    assert record.detail["way"] == "wechat"


def test_session__known_before_signing_in__is_worth_nothing_afterwards(
    account: OfficialAccount,
    platform: Platform,  # noqa: F811
    phone: Client,
    resident: User,
):
    make_binding(account, resident)
    state = begin(phone)
    planted = phone.session.session_key
    code = platform.state.new_code(account.app_id, "oPerson0001")
    phone.get(BACK, {"code": code, "state": state})
    assert is_signed_in(phone)
    assert not Session.objects.filter(pk=planted).exists()


def test_no_yes__is_not_bound__and_later_not_by_its_address(
    account: OfficialAccount,
    platform: Platform,  # noqa: F811
    phone: Client,
    resident: User,
    codes: list[dict[str, Any]],
):
    come_back(phone, platform)
    sign_in_by_code(phone, codes)
    phone.get("/")
    with time_machine.travel(clock.now() + timedelta(minutes=31)):
        assert phone.post(reverse("bind_wechat"))["Location"] == reverse("own_wechat")
    assert not Binding.objects.exists()
    other = Client()
    other.force_login(resident)
    assert other.post(reverse("bind_wechat"))["Location"] == reverse("own_wechat")
    assert not Binding.objects.exists()


def test_unbound__by_its_owner__signs_that_phone_out_at_once_and_no_other(
    account: OfficialAccount,
    platform: Platform,  # noqa: F811
    phone: Client,
    resident: User,
):
    make_binding(account, resident)
    lost, kept = phone, Client()
    kept.force_login(resident)
    come_back(lost, platform)
    assert is_signed_in(lost)
    binding = Binding.objects.get()
    page = kept.get(reverse("own_wechat")).content.decode()
    assert reverse("unbind_wechat", args=[binding.pk]) in page
    assert kept.post(reverse("unbind_wechat", args=[binding.pk]))["Location"] == reverse("own_wechat")
    assert not is_signed_in(lost)
    assert is_signed_in(kept)
    assert come_back(lost, platform)["Location"] == SIGN_IN
    assert AuditRecord.objects.get(action="wechat_unbound").detail["sessions"] == 1


def test_unbound__on_the_phone_itself__signs_it_out(
    account: OfficialAccount,
    platform: Platform,  # noqa: F811
    phone: Client,
    resident: User,
):
    make_binding(account, resident)
    come_back(phone, platform)
    assert phone.post(reverse("unbind_wechat", args=[Binding.objects.get().pk]))["Location"] == "/"
    assert not is_signed_in(phone)


def test_unbound__by_the_desk__of_their_estate_only(account: OfficialAccount, resident: User, phone: Client):
    binding = make_binding(account, resident)
    estate = resident.residencies.get().home.estate
    stranger, desk = make_staff(role="front_desk"), make_staff(role="front_desk", estate=estate)
    with pytest.raises(Forbidden):
        actions.unbind_wechat(binding=binding, by=stranger, now=clock.now())
    with pytest.raises(Forbidden):
        actions.unbind_wechat(binding=binding, by=make_resident(), now=clock.now())
    actions.unbind_wechat(binding=binding, by=desk, now=clock.now())
    assert not Binding.objects.exists()


def test_number__changed__ends_all_bindings(account: OfficialAccount, resident: User):
    make_binding(account, resident)
    actions.change_number(user=resident, phone="+8613912345678", by=resident, now=clock.now())
    assert not Binding.objects.exists()


def test_one_wechat__of_two_people__asks_who_and_lets_nobody_else_in(
    account: OfficialAccount,
    platform: Platform,  # noqa: F811
    phone: Client,
    resident: User,
):
    mother = make_resident(name="李桂兰")
    make_binding(account, resident)
    hers = make_binding(account, mother)
    strange = make_binding(account, make_resident(), openid="oPerson0002")
    assert come_back(phone, platform)["Location"] == reverse("wechat_choose")
    page = phone.get(reverse("wechat_choose")).content.decode()
    assert "李桂兰" in page
    assert phone.post(reverse("wechat_choose"), {"binding": strange.pk}).status_code == 200
    assert not is_signed_in(phone)
    phone.post(reverse("wechat_choose"), {"binding": hers.pk})
    assert phone.get("/me/").wsgi_request.user == mother


def test_one_person__on_several_phones_and_wechats__signs_in_on_each(
    account: OfficialAccount,
    platform: Platform,  # noqa: F811
    resident: User,
):
    for openid in ("oPerson0001", "oPerson0002"):
        make_binding(account, resident, openid=openid)
    phones = [Client(headers={"User-Agent": AGENT}) for _one in range(3)]
    for phone, openid in zip(phones, ("oPerson0001", "oPerson0001", "oPerson0002"), strict=True):
        come_back(phone, platform, openid)
    assert all(is_signed_in(phone) for phone in phones)
    actions.unbind_wechat(
        binding=Binding.objects.of_openid(account, "oPerson0001").get(), by=resident, now=clock.now()
    )
    assert [is_signed_in(phone) for phone in phones] == [False, False, True]


def test_snapshot_visitor__is_never_bound_and_is_told_what_to_do(
    account: OfficialAccount,
    platform: Platform,  # noqa: F811
    phone: Client,
    resident: User,
    codes: list[dict[str, Any]],
):
    answer = come_back(phone, platform, is_snapshot=True)
    assert answer["Location"] == reverse("wechat_snapshot")
    assert "使用完整服务" in phone.get(answer["Location"]).content.decode()
    assert sign_in_by_code(phone, codes)["Location"] == "/"
    assert phone.post(reverse("bind_wechat"))["Location"] == reverse("own_wechat")
    assert not Binding.objects.exists()


def test_code__replayed_late_or_of_another_app__opens_nothing(
    account: OfficialAccount,
    platform: Platform,  # noqa: F811
    phone: Client,
    resident: User,
):
    make_binding(account, resident)
    used = platform.state.new_code(account.app_id, "oPerson0001")
    state = begin(phone)
    victim = Client(headers={"User-Agent": AGENT})
    assert victim.get(BACK, {"code": used, "state": begin(victim)})["Location"] == "/"
    late = platform.state.new_code(account.app_id, "oPerson0001", seconds=-1)
    of_other = platform.state.new_code(OTHER_APP, "oPerson0001")
    for code in (used, late, of_other, "", "x" * 200, "c0de"):
        answer = phone.get(BACK, {"code": code, "state": state})
        assert answer["Location"] == SIGN_IN, code
        assert said(answer)
        state = begin(phone)
    assert not is_signed_in(phone)


def test_openid__of_another_app__is_another_person(
    account: OfficialAccount,
    platform: Platform,  # noqa: F811
    phone: Client,
    resident: User,
):
    make_binding(make_account(app_id=OTHER_APP, is_on=False), resident)
    assert come_back(phone, platform)["Location"] == SIGN_IN
    assert not is_signed_in(phone)


def test_state__missing_strange_or_used__opens_nothing(
    account: OfficialAccount,
    platform: Platform,  # noqa: F811
    phone: Client,
    resident: User,
):
    make_binding(account, resident)
    attacker = Client(headers={"User-Agent": AGENT})
    stolen = begin(attacker)
    own = begin(phone)

    def code() -> str:
        return platform.state.new_code(account.app_id, "oPerson0001")

    for given in ({"code": code()}, {"code": code(), "state": ""}, {"code": code(), "state": stolen}):
        assert phone.get(BACK, given)["Location"] == SIGN_IN
    # The first of them used up the state that was the phone's own.
    assert phone.get(BACK, {"code": code(), "state": own})["Location"] == SIGN_IN
    assert Client().get(BACK, {"code": code(), "state": stolen})["Location"] == SIGN_IN
    assert not is_signed_in(phone)


def test_declined__leads_to_the_code(
    account: OfficialAccount,
    platform: Platform,  # noqa: F811
    phone: Client,
):
    answer = phone.get(BACK, {"state": begin(phone)})
    assert answer["Location"] == SIGN_IN
    assert "验证码" in said(answer)


@pytest.mark.parametrize("fault", [NO_JSON, HANGS, -1, 40125])
def test_wechat__without_a_sound_answer__leads_to_the_code(
    account: OfficialAccount,
    platform: Platform,  # noqa: F811
    phone: Client,
    monkeypatch: Any,
    fault: Any,
):
    monkeypatch.setattr(http, "SECONDS", 0.2)
    platform.hangs_seconds = 0.4
    platform.state.faults["/sns/oauth2/access_token"] = [fault]
    answer = come_back(phone, platform)
    assert answer["Location"] == SIGN_IN
    assert "验证码" in said(answer)


def test_staff__is_refused_though_it_was_bound_before(
    account: OfficialAccount,
    platform: Platform,  # noqa: F811
    phone: Client,
):
    worker = make_staff(role="repair_worker")
    make_binding(account, worker)
    assert come_back(phone, platform)["Location"] == reverse("staff_sign_in")
    assert not is_signed_in(phone)
    with pytest.raises(Forbidden):
        actions.bind_wechat(user=worker, account=account, openid="oPerson0009", now=clock.now())


def test_locked_person__is_refused(
    account: OfficialAccount,
    platform: Platform,  # noqa: F811
    phone: Client,
    resident: User,
):
    make_binding(account, resident)
    User.objects.filter(pk=resident.pk).update(is_active=False)
    assert come_back(phone, platform)["Location"] == SIGN_IN
    assert not is_signed_in(phone)


def test_guesses__too_many_of_a_network__are_refused(account: OfficialAccount, phone: Client):
    for _one in range(WECHAT_REFUSED.amount - 1):
        limits.is_first(WECHAT_REFUSED, "127.0.0.1")
    assert phone.get(BACK, {"code": "x", "state": "x"}).status_code == 302
    assert phone.get(BACK, {"code": "x", "state": "x"}).status_code == 429


def test_next__of_another_site__is_not_followed(
    account: OfficialAccount,
    platform: Platform,  # noqa: F811
    phone: Client,
    resident: User,
):
    make_binding(account, resident)
    assert come_back(phone, platform, next_url="https://evil.example/")["Location"] == "/"


def test_large_type__signs_in_by_one_tap(account: OfficialAccount, phone: Client):
    phone.cookies["mode"] = "large"
    page = phone.get(f"{SIGN_IN}?{urlencode({'next': '/me/'})}").content.decode()
    assert page.index(f'href="{BEGIN}?next=%2Fme%2F"') < page.index('name="phone"')


def test_openid__in_the_database__is_sealed(account: OfficialAccount, resident: User):
    binding = make_binding(account, resident)
    stored = (
        Binding.objects.filter(pk=binding.pk).extra(select={"raw": "openid"}).values_list("raw", flat=True)
    )
    assert "oPerson0001" not in stored.get()
