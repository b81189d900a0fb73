"""Acts by two: what waits for a second person, and their yes or no."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import actions
from accounts.http import SignedInRequest
from accounts.models import Approval
from accounts.second_factor.again import asks_again
from community.core import clock
from community.core.errors import ActionError, as_refused
from community.core.paging import newest_first
from community.core.services.registry import by_two
from community.desk.access import staff_only

SHOWN_WAITING = 100


@staff_only
@require_GET
def approvals(request: SignedInRequest) -> HttpResponse:
    """Shows what this person may agree to, what they asked for themselves, and what was answered."""
    seen = Approval.objects.visible_to(request.user).select_related("asked_by", "estate")
    waiting = list(seen.waiting()[:SHOWN_WAITING])
    answered, older = newest_first(
        seen.exclude(status=Approval.Status.ASKED), before=request.GET.get("before", "")
    )
    own = [one for one in waiting if one.asked_by_id == request.user.pk]
    others = [one for one in waiting if one.asked_by_id != request.user.pk]
    context = {
        "parts": ((_("Waits for you"), others), (_("Asked by you"), own), (_("Answered"), answered)),
        "nothing": not waiting and not answered,
        "next_url": f"?before={older}" if older else "",
    }
    return render(request, "desk/approvals.html", context)


@staff_only
@require_http_methods(["GET", "POST"])
@asks_again
def approval(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows what is asked for, and takes the answer."""
    seen = Approval.objects.visible_to(request.user).select_related("asked_by", "answered_by", "estate")
    found = get_object_or_404(seen, pk=pk)
    kind = by_two().get(found.kind)
    if kind is None:
        raise Http404
    refusal: ActionError | None = None
    if request.method == "POST":
        try:
            if said := _answer(request, found):
                messages.success(request, said)
                return redirect("desk_approvals")
        except ActionError as error:
            refusal = error
            found = get_object_or_404(seen, pk=pk)
    context = {
        "approval": found,
        "facts": kind.facts(found),
        "is_asker": found.asked_by_id == request.user.pk,
        "may_agree": actions.may_be_one_of_two(found, request.user),
        "refused": refusal.message if refusal else "",
    }
    status = refusal.status if refusal else 200
    return as_refused(render(request, "desk/approval.html", context, status=status), refusal)


def _answer(request: SignedInRequest, found: Approval) -> str:
    """Does what was pressed and returns what to say; "" if nothing usable was sent."""
    verb, now = request.POST.get("verb"), clock.now()
    if verb == "agree":
        actions.agree_to_approval(approval=found, by=request.user, now=now)
        return _("Agreed. It is done.")
    if verb == "decline":
        actions.decline_approval(approval=found, by=request.user, now=now)
        return _("Declined. Nothing has changed.")
    return ""
