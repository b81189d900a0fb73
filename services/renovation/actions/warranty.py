"""Reports a fault under the warranty with one tap."""

from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.core.events import Made, warranty_claimed
from services.renovation import policies
from services.renovation.models import Appointment


def claim_warranty(*, appointment: Appointment, by: User, now: datetime) -> Made:
    """Reports a fault of confirmed work and returns the repair made of it; one repair a person and day.

    Repeating it on the same day returns the same repair. Raises ``Forbidden`` for people outside the
    household, ``no_warranty`` if the warranty has ended, ``nobody_registered``, or ``no_category`` if no
    service takes repairs.
    """
    if not policies.may_act_for_home(by, appointment.home, appointment.project):
        raise Forbidden
    today = clock.today(now)
    if appointment.status != Appointment.Status.CONFIRMED or not appointment.is_under_warranty(today):
        raise ActionError("no_warranty", _("The warranty has ended, or has not begun yet."))
    resident = policies.resident_of(appointment.home, by)
    if resident is None:
        raise ActionError("nobody_registered", _("Nobody is registered in this home."))
    words = _("Under warranty: %(project)s, %(item)s (%(reference)s).") % {
        "project": appointment.project.name,
        "item": appointment.item.name,
        "reference": appointment.reference,
    }
    with transaction.atomic():
        answers = warranty_claimed.send(
            resident=resident,
            by=by,
            estate=appointment.project.estate,
            home=appointment.home,
            icon=appointment.item.icon,
            words=words,
            key=uuid5(NAMESPACE_URL, f"warranty:{appointment.pk}:{by.pk}:{today}"),
            now=now,
        )
    if not answers:
        raise ActionError("no_category", _("The desk has no list of repairs yet. Please call."))
    made: Made = answers[0]
    return made
