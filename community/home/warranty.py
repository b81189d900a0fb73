"""A warranty of the renovation becomes a repair, by one tap: it joins two services."""

from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from accounts.models import User
from community.core import clock
from community.core.errors import ActionError, Forbidden
from services.renovation import policies
from services.renovation.models import Appointment
from services.renovation.models.homes import homes_spoken_for
from services.repairs import actions
from services.repairs.models import Repair, RepairCategory


@login_required
@require_POST
def warranty(request: SignedInRequest, pk: int) -> HttpResponse:
    """Report what broke within the warranty; the words can be added on the repair's page."""
    repair = report_under_warranty(
        appointment=get_object_or_404(under_warranty_for(request.user), pk=pk),
        by=request.user,
        now=clock.now(),
    )
    messages.success(request, _("Reported under the warranty. You can add words and pictures."))
    return redirect("repair", pk=repair.pk)


def under_warranty_for(user: User) -> QuerySet[Appointment]:
    """What one sees, and what was done in one's home before one had it: the warranty is the home's."""
    seen = Appointment.objects.visible_to(user)
    inherited = Q(home__in=homes_spoken_for(user), status=Appointment.Status.CONFIRMED)
    return Appointment.objects.filter(Q(pk__in=seen.values("pk")) | inherited).with_people()


def report_under_warranty(*, appointment: Appointment, by: User, now: datetime) -> Repair:
    """The repair of this day for what was renovated; a second tap finds the first one's.

    Raises ``Forbidden`` for all but the household, ``no_warranty`` when it has ended.
    """
    if not policies.may_speak_for(by, appointment.home, appointment.project):
        raise Forbidden
    today = clock.today(now)
    if appointment.status != Appointment.Status.CONFIRMED or not appointment.is_under_warranty(today):
        raise ActionError("no_warranty", _("The warranty has ended, or has not begun yet."))
    resident = policies.resident_of(appointment.home, by)
    if resident is None:
        raise ActionError("nobody_registered", _("Nobody is registered in this home."))
    key = uuid5(NAMESPACE_URL, f"warranty:{appointment.pk}:{by.pk}:{today}")
    words = _("Under warranty: %(project)s, %(item)s (%(reference)s).") % {
        "project": appointment.project.name,
        "item": appointment.item.name,
        "reference": appointment.reference,
    }
    with transaction.atomic():
        draft = actions.begin_report(
            resident=resident,
            by=by,
            estate=appointment.project.estate,
            home=appointment.home,
            category=_category(appointment),
            key=key,
            now=now,
        )
        if draft.repair is None:
            actions.answer_report(draft=draft, by=by, description=words)
        return actions.send_report(draft=draft, by=by, now=now)


def _category(appointment: Appointment) -> RepairCategory:
    """What fits best in the estate's catalogue: of the same icon (a window, a pipe), else the last."""
    offered = RepairCategory.objects.offered().filter(
        estate=appointment.estate_id, is_emergency=False, parent__isnull=False
    )
    in_homes = list(
        offered.exclude(where=RepairCategory.Where.PUBLIC).order_by("parent__position", "position")
    )
    if not in_homes:
        raise ActionError("no_category", _("The desk has no list of repairs yet. Please call."))
    return next((one for one in in_homes if one.icon == appointment.item.icon), in_homes[-1])
