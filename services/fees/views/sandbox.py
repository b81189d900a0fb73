"""The page of the practice provider: imitates the page on which a person pays in WeChat."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from community.core import background, clock
from services.fees import policies, providers
from services.fees.models import Payment, SandboxOrder
from services.fees.providers import sandbox

BUTTONS = ("pay", "late", "fail", "repeat")
CALL = "services.fees.tasks.call_from_sandbox"


@login_required
@require_http_methods(["GET", "POST"])
def cashier(request: SignedInRequest, number: str) -> HttpResponse:
    """Shows the buttons: pay, pay late, fail, notify twice. Only where the practice provider is switched on."""
    if sandbox.Sandbox.name not in providers.names():
        raise Http404
    payments = Payment.objects.filter(channel=sandbox.Sandbox.name).with_order_number(number)
    payment = payments.select_related("home__entrance__building__estate", "payer", "estate").first()
    if payment is None or not policies.may_act_for_payer(request.user, payment):
        raise Http404
    order = get_object_or_404(SandboxOrder, order_number=payment.order_number)
    button = request.POST.get("button", "")
    if request.method == "POST" and button in BUTTONS:
        sandbox.press_button(order, button, now=clock.now())
        background.queue(CALL, [()])
        return redirect(order.return_url)
    return render(request, "fees/sandbox.html", {"order": order, "payment": payment})
