"""The end of a resident's sign-in by WeChat at the desk, such as after a lost phone."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import actions
from accounts.http import SignedInRequest
from community.core import clock
from community.core.errors import Refusal
from community.desk.access import desk_only
from community.desk.views import resident_of_desk
from community.wechat.models import Binding


@desk_only
@require_http_methods(["GET", "POST"])
def end_wechat(request: SignedInRequest, pk: int, binding: int) -> HttpResponse:
    """Ends one binding of a resident of this desk, after a confirmation."""
    person = resident_of_desk(request, pk)
    found = get_object_or_404(Binding.objects.visible_to(person).select_related("user"), pk=binding)
    if request.method == "POST":
        try:
            actions.unbind_wechat(binding=found, by=request.user, now=clock.now())
            messages.success(request, _("Ended. That phone is signed out."))
        except Refusal as error:
            messages.error(request, str(error.message))
        return redirect("desk_resident", pk)
    return render(request, "desk/end_wechat.html", {"person": person})
