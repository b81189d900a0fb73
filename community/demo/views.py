"""Sign-in as one of the demo's people by one tap, or as in WeChat; exists only in the demo."""

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from accounts.forms import to_e164
from accounts.middleware import BY_PASSWORD
from accounts.models import User
from accounts.policies import is_staff_person, start_page
from accounts.second_factor.given import note_given
from accounts.sign_in import safe_next
from accounts.staff_session import enter_as_staff
from accounts.wechat_sign_in import AS_IN_WECHAT
from community.core import audit, clock
from community.demo.people import PEOPLE


@require_POST
def as_in_wechat(request: HttpRequest) -> HttpResponse:
    """Has this browser act WeChat's, until the session ends."""
    if not settings.DEMO:
        raise Http404
    request.session[AS_IN_WECHAT] = True
    next_url = safe_next(request)
    return redirect(reverse("sign_in") + (f"?{urlencode({'next': next_url})}" if next_url else ""))


@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    if not settings.DEMO:
        raise Http404
    chosen = next((one for one in PEOPLE if one.key == request.POST.get("person")), None)
    if chosen is None:
        raise Http404
    if chosen.username:
        user = get_object_or_404(User, username=chosen.username)
    else:
        user = get_object_or_404(User.objects.with_phone(to_e164(chosen.phone) or chosen.phone))
    next_url = safe_next(request)
    if is_staff_person(user):
        enter_as_staff(request, user, clock.now())
        note_given(request, user, kind="demo")
        next_url = next_url or start_page(user)
    else:
        login(request, user, backend=BY_PASSWORD)
    audit.record("sign_in", by=user, target=user, request=request, way="demo")
    return redirect(next_url or "home")
