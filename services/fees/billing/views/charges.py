"""Single charges at the counter: a lost card, a deposit of keys, a fine by the rules of the estate."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from accounts.models import Residency, User
from community.core import clock
from community.core.errors import ActionError, show_refusal
from community.estates.models import Home
from services.fees import policies
from services.fees.billing import actions
from services.fees.billing.forms import ChargeForm
from services.fees.views.access import fees_staff_only, home_of_staff


@fees_staff_only
@require_http_methods(["GET", "POST"])
def charge(request: SignedInRequest, pk: int) -> HttpResponse:
    """Makes one bill for a home: asks, shows it for a yes, and leads to the counter."""
    home = home_of_staff(request.user, pk)
    policies.require("charge", request.user, home.estate.pk)
    living = Residency.objects.active().filter(home=home)
    residents = list(User.objects.filter(pk__in=living.values("user")).order_by("pk"))
    typed = request.POST if request.method == "POST" else None
    form = ChargeForm(typed, estate=home.estate, residents=residents, initial={"key": uuid4()})
    context = {"home": home, "estate": home.estate, "form": form}
    if typed is None or "no" in typed:
        return render(request, "fees/staff/charge.html", context)
    if not form.is_valid():
        return render(request, "fees/staff/charge.html", context, status=422)
    if "yes" not in typed:
        return render(request, "fees/staff/charge_confirm.html", context)
    try:
        bill = actions.charge_at_counter(_counter_charge(home, form), by=request.user, now=clock.now())
    except ActionError as error:
        show_refusal(form, error)
        return render(request, "fees/staff/charge.html", context, status=422)
    messages.success(request, _("The bill %(reference)s is made.") % {"reference": bill.reference})
    return redirect("fees_counter", home.pk)


def _counter_charge(home: Home, form: ChargeForm) -> actions.CounterCharge:
    given = form.cleaned_data
    return actions.CounterCharge(
        home=home,
        item=given["item"],
        amount_fen=given["amount"],
        words=given["words"],
        resident=form.resident,
        key=given["key"],
    )
