"""Pages of signing in by WeChat: there and back, the choice of a person, the yes to it, and its end."""

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts import actions
from accounts import wechat_sign_in as flow
from accounts.http import SignedInRequest
from accounts.sign_in import safe_next
from accounts.views.sign_in import remember_sign_in
from community.core import clock
from community.core.errors import ActionError
from community.core.services.words import Words
from community.wechat.models import Binding
from community.wechat.openids import NoOpenid

# By the reason of a refusal; others are WeChat's own.
REFUSED: dict[str, Words] = {
    "declined": gettext_lazy("WeChat was not allowed to say who you are. Sign in by code instead."),
    "state": gettext_lazy("This sign-in was not begun here. Please press the button again."),
    "code": gettext_lazy("This sign-in is no longer valid. Please press the button again."),
}
OVER = {"errcode 40029", "errcode 40163", "errcode 42003"}


@never_cache
@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    """Leads to WeChat, which says who opens the page."""
    next_url = safe_next(request)
    if request.user.is_authenticated:
        return redirect(next_url or "home")
    account = flow.account_here(request)
    if account is None:
        return redirect("sign_in")
    return redirect(flow.begin(request, account, next_url))


@never_cache
@require_GET
def back(request: HttpRequest) -> HttpResponse:
    """Receives the browser from WeChat: signs in who is bound, and leads others to the code."""
    if request.user.is_authenticated:
        return redirect("home")
    try:
        flow.finish(request)
    except NoOpenid as problem:
        if problem.reason == "snapshot":
            return redirect("wechat_snapshot")
        reason = "declined" if "code" not in request.GET and problem.reason == "code" else problem.reason
        reason = "code" if reason in OVER else reason
        words = REFUSED.get(reason) or _("WeChat does not answer. Sign in by code instead.")
        messages.error(request, str(words))
        return redirect("sign_in")
    bound = flow.bindings_here(request)
    if len(bound) > 1:
        return redirect("wechat_choose")
    if bound:
        return remember_sign_in(request, flow.sign_in(request, bound[0], clock.now()))
    messages.info(request, _("Sign in by code this once. After that WeChat is enough."))
    return redirect("sign_in")


@never_cache
@require_GET
def snapshot(request: HttpRequest) -> HttpResponse:
    """Says what to do on WeChat's preview page, on which nobody can sign in."""
    return render(request, "accounts/wechat_snapshot.html")


@never_cache
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Asks which of the people who share this WeChat signs in."""
    if request.user.is_authenticated:
        return redirect("home")
    bound = {str(one.pk): one for one in flow.bindings_here(request)}
    if not bound:
        return redirect("sign_in")
    chosen = bound.get(request.POST.get("binding", "")) if request.method == "POST" else None
    if chosen is not None:
        return remember_sign_in(request, flow.sign_in(request, chosen, clock.now()))
    return render(request, "accounts/wechat_choose.html", {"bindings": bound.values()})


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def bind(request: SignedInRequest) -> HttpResponse:
    """Asks once, after a sign-in by code inside WeChat, whether WeChat shall do from now on."""
    now = clock.now()
    next_url = request.session.get(flow.NEXT) or "home"
    offered = flow.offered(request, now)
    if offered is None:
        return redirect("own_wechat")
    if request.method == "POST":
        try:
            flow.accept(request, request.user, *offered, now)
            messages.success(request, _("Done. From now on one tap is enough."))
        except ActionError as error:
            messages.error(request, str(error.message))
        return redirect(next_url)
    return render(request, "accounts/bind_wechat.html", {"next": next_url})


@login_required
@require_GET
def own(request: SignedInRequest) -> HttpResponse:
    """Lists the WeChat accounts that sign the person in."""
    return render(request, "accounts/own_wechat.html", {"bindings": Binding.objects.visible_to(request.user)})


@login_required
@require_http_methods(["GET", "POST"])
def unbind(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ends one of them after a confirmation."""
    binding = get_object_or_404(Binding.objects.visible_to(request.user).select_related("user"), pk=pk)
    if request.method == "POST":
        actions.unbind_wechat(binding=binding, by=request.user, now=clock.now())
        if not request.session.exists(request.session.session_key or ""):
            # It was this phone: what is left of the session ends too.
            logout(request)
            return redirect("home")
        messages.success(request, _("Ended. That phone is signed out."))
        return redirect("own_wechat")
    return render(request, "accounts/unbind_wechat.html", {"binding": binding})
