"""Pages that say who did what in a resident's name: for the resident, and for a relative who helps them."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.http import SignedInRequest
from accounts.models import User, access_of
from accounts.own_data.in_name import acts_in_name_of


@login_required
@require_GET
def done_for_me(request: SignedInRequest) -> HttpResponse:
    return _page(request, request.user)


@login_required
@require_GET
def done_for_them(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows it to a relative while they may act; anybody else's is a 404."""
    helped = User.objects.filter(pk__in=access_of(request.user).acts_for_in_any())
    return _page(request, get_object_or_404(helped, pk=pk))


def _page(request: SignedInRequest, resident: User) -> HttpResponse:
    acts, older = acts_in_name_of(resident, reader=request.user, before=request.GET.get("before", ""))
    context = {
        "acts": acts,
        "resident": resident,
        "next_url": f"?before={older}" if older else "",
        "previous_url": request.path if request.GET.get("before") else "",
    }
    return render(request, "accounts/in_name.html", context)
