"""Sign-in of residents inside WeChat, by an openid that they have bound to themselves before.

WeChat names the openid by itself (``snsapi_base``). An unbound one is kept for the session: after a sign-in by code
the person is asked once whether it shall do from then on.
"""

from datetime import datetime, timedelta

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts import actions
from accounts.devices import remembered_estate
from accounts.models import User
from accounts.policies import is_staff_person
from accounts.staff_session import BY_WECHAT
from community.core import audit, clock, limits
from community.core.limit_table import WECHAT_BEGUN, WECHAT_REFUSED
from community.core.limits import network
from community.wechat import openids
from community.wechat.models import Binding, OfficialAccount

AGENT = "MicroMessenger"
NEXT, APP, OFFERED = "wechat_next", "wechat_app", "wechat_offered_at"
# Set by the demo, for browsers that are not WeChat's.
AS_IN_WECHAT = "as_in_wechat"
OFFER_VALID = timedelta(minutes=30)


def is_in_wechat(request: HttpRequest) -> bool:
    """Whether the page is open in WeChat's browser; in the demo also where a visitor acts it."""
    acted = settings.DEMO and bool(request.session.get(AS_IN_WECHAT))
    return AGENT in request.META.get("HTTP_USER_AGENT", "") or acted


def account_here(request: HttpRequest) -> OfficialAccount | None:
    """Returns the account that signs in here: of the estate that this browser knows, else the only one."""
    if not is_in_wechat(request):
        return None
    accounts = list(OfficialAccount.objects.in_use()[:50])
    if len(accounts) < 2:
        return accounts[0] if accounts else None
    estate = remembered_estate(request)
    return next((one for one in accounts if estate and one.company_id == estate.company_id), None)


def begin(request: HttpRequest, account: OfficialAccount, next_url: str) -> str:
    """Returns WeChat's address, from which the browser comes back with a code. Raises ``TooMany``."""
    limits.hit(WECHAT_BEGUN, network(request))
    request.session[NEXT], request.session[APP] = next_url, account.app_id
    return openids.begin(request.session, account.app_id, settings.PUBLIC_URL + reverse("wechat_back"))


def finish(request: HttpRequest) -> tuple[OfficialAccount, str]:
    """Returns the account, and the openid with which the browser came back.

    Raises ``NoOpenid``, whose refusals are counted by network, and ``TooMany``.
    """
    limits.check(WECHAT_REFUSED, network(request))
    account = begun_account(request)
    given = {name: request.GET.get(name, "") for name in ("code", "state")}
    try:
        if account is None:
            raise openids.NoOpenid("state")
        return account, openids.finish(request.session, account.app_id, account.secret, **given)
    except openids.NoOpenid as problem:
        limits.is_first(WECHAT_REFUSED, network(request))
        audit.record_failure("sign_in", outcome="wrong", request=request, way="wechat", why=problem.reason)
        raise


def begun_account(request: HttpRequest) -> OfficialAccount | None:
    """Returns the account with which this session began."""
    return OfficialAccount.objects.in_use().filter(app_id=request.session.get(APP, "")).first()


def bindings_here(request: HttpRequest) -> list[Binding]:
    """Returns the people whom the openid of this session signs in, the latest first."""
    account = begun_account(request)
    openid = openids.openid_in(request.session, account.app_id) if account else ""
    if account is None or not openid:
        return []
    return list(Binding.objects.of_openid(account, openid).select_related("user"))


def sign_in(request: HttpRequest, binding: Binding, now: datetime) -> HttpResponse:
    """Signs the person of a binding in, with a new session key, and returns the redirect to their next page.

    Staff and locked people are refused as they are after a code.
    """
    next_url = request.session.pop(NEXT, "")
    signing_in = Login(user=binding.user, redirect_url=next_url or reverse("home"), signal_kwargs=BY_WECHAT)
    answer: HttpResponse = perform_login(request, signing_in)
    if request.user.is_authenticated:
        request.session.set_expiry(None)
        request.session.save()
        key = request.session.session_key or ""
        actions.note_bound_session(binding=binding, session_key=key, now=now)
        audit.record("sign_in", by=request.user, target=binding.user, request=request, way="wechat")
    return answer


def offer(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """Asks a person who has just signed in by code inside WeChat whether WeChat shall do from now on."""
    user = request.user
    if not isinstance(user, User) or is_staff_person(user) or not (account := begun_account(request)):
        return answer
    openid = openids.openid_in(request.session, account.app_id)
    if not openid or Binding.objects.of_openid(account, openid).filter(user=user).exists():
        return answer
    request.session[NEXT], request.session[OFFERED] = answer.get("Location", ""), clock.now().timestamp()
    return redirect("bind_wechat")


def offered(request: HttpRequest, now: datetime) -> tuple[OfficialAccount, str] | None:
    """Returns the account and the openid that the person was offered lately; None if they were not."""
    account = begun_account(request)
    openid = openids.openid_in(request.session, account.app_id) if account else ""
    age = now.timestamp() - request.session.get(OFFERED, 0)
    return (account, openid) if account and openid and age < OFFER_VALID.total_seconds() else None


def accept(request: HttpRequest, user: User, account: OfficialAccount, openid: str, now: datetime) -> None:
    """Binds the openid by the person's yes; this session ends with the binding too. Raises ``ActionError``."""
    binding = actions.bind_wechat(user=user, account=account, openid=openid, now=now)
    request.session.pop(OFFERED, None)
    actions.note_bound_session(binding=binding, session_key=request.session.session_key or "", now=now)
