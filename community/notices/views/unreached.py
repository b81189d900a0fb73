"""Homes that a notice did not reach because no resident is registered: visits, a poster, SMS."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import SignedInRequest
from accounts.policies import has_role
from community.core import clock, limits
from community.core.errors import ActionError, as_refused
from community.core.limit_table import ROSTER_SMS
from community.notices import actions, home_states, policies
from community.notices.models import Notice
from community.notices.roles import WRITING
from community.notices.views.staff import found_for_staff


@login_required
@require_GET
def page(request: SignedInRequest, pk: int) -> HttpResponse:
    """Lists homes without registered residents, and the other ways to reach them."""
    found = found_for_staff(request, pk)
    groups = home_states.homes_without_people(found)
    may_send = has_role(request.user, found.estate_id, *WRITING)
    may_send = may_send and actions.may_send_to_roster(found, clock.now())
    context = {
        "notice": found,
        "estate": found.estate,
        "groups": groups,
        "homes": sum(group.homes for group in groups),
        "numbers": actions.roster_numbers(found) if may_send else 0,
        "may_send": may_send,
    }
    return render(request, "notices/staff/unreached.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def roster(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows the confirmation of an SMS to the roster with the number of recipients; POST sends it."""
    found = found_for_staff(request, pk)
    policies.must_write(request.user, found.estate_id)
    if not actions.may_send_to_roster(found, clock.now()):
        return redirect("staff_notice_unreached", pk)
    refusal: ActionError | None = None
    if request.method == "POST":
        try:
            return _send(request, found)
        except ActionError as error:
            refusal = error
    context = {"notice": found, "estate": found.estate, "numbers": actions.roster_numbers(found)}
    context |= {"refused": refusal.message if refusal else ""}
    status = refusal.status if refusal else 200
    answer = render(request, "notices/staff/roster.html", context, status=status)
    return as_refused(answer, refusal)


def _send(request: SignedInRequest, found: Notice) -> HttpResponse:
    given = request.POST.get("numbers_shown", "")
    expected = int(given) if given.isascii() and given.isdecimal() and len(given) < 9 else None
    limits.hit(ROSTER_SMS, found.estate_id)
    sent = actions.send_to_roster(notice=found, by=request.user, expected_numbers=expected, now=clock.now())
    words = ngettext("An SMS goes to %(count)d number.", "An SMS goes to %(count)d numbers.", sent)
    messages.success(request, words % {"count": sent})
    return redirect("staff_notice_unreached", found.pk)
