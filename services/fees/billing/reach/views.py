"""The list of a fee: parking spaces, and homes with days of their own."""

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.http import SignedInRequest
from accounts.policies import estates_of
from community.core import clock
from community.core.paging import newest_first
from community.core.search.filtering import Ways, search_filter
from services.fees import policies
from services.fees.models import FeeItem, FeeListing
from services.fees.roles import FEES_STAFF
from services.fees.views.access import fees_staff_only


@fees_staff_only
@require_GET
def listing(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows the rows of an item's list, found by space, plate or home."""
    items = FeeItem.objects.filter(estate__in=estates_of(request.user, *FEES_STAFF)).select_related("estate")
    found = get_object_or_404(items, pk=pk)
    typed = request.GET.get("words", "").strip()[:40]
    rows = FeeListing.objects.filter(item=found).select_related("home__entrance__building")
    if typed:
        of_home = search_filter(typed, Ways(homes=("home",)))
        rows = rows.filter(Q(subject__iexact=typed) | Q(plate__iexact=typed) | of_home)
    shown, older = newest_first(rows, before=request.GET.get("before", ""))
    context = {
        "item": found,
        "estate": found.estate,
        "rows": shown,
        "typed": typed,
        "today": clock.today(clock.now()),
        "may_edit": policies.may("set_tariff", request.user, found.estate_id),
        "next_url": f"?words={typed}&before={older}" if older else "",
    }
    return render(request, "fees/staff/listing.html", context)
