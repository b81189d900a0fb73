"""Pages of carers' pictures: the coordinator adds one, the carer agrees or takes it back."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import SignedInRequest
from accounts.policies import Role, estates_of
from accounts.staff_pages import chosen_estate
from community.core import clock, limits, storage
from community.core.errors import ActionError, show_refusal
from community.core.expiring import address_expires
from community.core.limit_table import UPLOAD
from services.care import actions
from services.care.forms.pictures import CarerPictureForm
from services.care.models import Carer, CarerPicture
from services.care.roles import COORDINATING
from services.common.work import estates_to_work_in, frame_context


@login_required
@require_GET
def carers(request: SignedInRequest) -> HttpResponse:
    """The carers of the estate, and whether a picture of them is shown."""
    estate, estates = chosen_estate(request, estates_of(request.user, *COORDINATING))
    found = Carer.objects.working_in(estate).select_related("picture")
    return render(request, "care/staff/carers.html", {"estate": estate, "estates": estates, "carers": found})


@login_required
@require_http_methods(["GET", "POST"])
def carer(request: SignedInRequest, pk: int) -> HttpResponse:
    """Adds a picture of a carer, or removes it."""
    mine = Carer.objects.filter(provider__estate__in=estates_of(request.user, *COORDINATING))
    found = get_object_or_404(mine.select_related("user", "provider__estate", "picture"), pk=pk)
    if request.method == "POST" and "remove" in request.POST:
        actions.remove_carer_picture(carer=found, by=request.user)
        messages.success(request, _("The picture is deleted."))
        return redirect("care_carer", pk=pk)
    form = CarerPictureForm(request.POST if request.method == "POST" else None, request.FILES or None)
    if form.is_valid() and _add(request, form, found):
        messages.success(request, _("Added. Residents see it once the carer has said yes on their phone."))
        return redirect("care_carer", pk=pk)
    context = {
        "carer": found,
        "estate": found.provider.estate,
        "picture": getattr(found, "picture", None),
        "form": form,
    }
    return render(request, "care/staff/carer.html", context, status=422 if form.errors else 200)


def _add(request: SignedInRequest, form: CarerPictureForm, found: Carer) -> bool:
    """Adds the picture of the form; returns False after a refusal, which the form then shows."""
    limits.hit(UPLOAD, request.user.pk)
    try:
        upload = form.cleaned_data["pictures"][0]
        actions.add_carer_picture(carer=found, upload=upload, by=request.user, now=clock.now())
    except ActionError as refusal:
        show_refusal(form, refusal)
        return False
    return True


def _own_pictures(request: SignedInRequest) -> QuerySet[CarerPicture]:
    return CarerPicture.objects.filter(carer__user=request.user).select_related("carer__provider")


@login_required
@require_http_methods(["GET", "POST"])
def own_picture(request: SignedInRequest) -> HttpResponse:
    """The carer's own pictures: to agree to, or to delete, which takes a yes back."""
    estates = estates_to_work_in(request.user, Role.CARER)
    if request.method == "POST":
        _answer(request)
        return redirect("care_own_picture")
    context = frame_context(estates[0]) | {"pictures": list(_own_pictures(request))}
    return render(request, "care/work/picture.html", context)


def _answer(request: SignedInRequest) -> None:
    try:
        picture = get_object_or_404(_own_pictures(request), pk=UUID(request.POST.get("picture", "")))
    except ValueError as error:
        raise Http404 from error
    if request.POST.get("answer") == "yes":
        actions.agree_to_picture(picture=picture, by=request.user, now=clock.now())
        messages.success(request, _("Thank you. Residents see it on the page of your visit."))
    else:
        actions.remove_carer_picture(carer=picture.carer, by=request.user)
        messages.success(request, _("The picture is deleted. Nobody sees it any more."))


@login_required
@require_GET
@address_expires
def carer_picture(request: SignedInRequest, pk: UUID, size: str) -> HttpResponseBase:
    """Returns the picture of a carer to the carer, the estate's staff, and households that the carer visits."""
    row = get_object_or_404(CarerPicture.objects.visible_to(request.user), pk=pk)
    try:
        return storage.serve_private(row.file_name(size), content_type="image/jpeg")
    except KeyError as error:
        raise Http404 from error
