"""Renovation on the resident's home page."""

from datetime import datetime

from django.db.models import Case, QuerySet, Value, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core.moments import changes_at
from community.core.search.filtering import Ways
from community.core.services.home import Home, HomeLink, Matter, MatterSource, Waiting, WaitingRows
from services.common.home import READ_ON_HOME
from services.renovation import timeline
from services.renovation.models import Appointment, AppointmentWaiting
from services.renovation.models.homes import homes_to_act_for
from services.scheduling.models import Waiting as OfferedPlace

S = Appointment.Status
# Steps whose words have no draft, with their names.
ANSWERING = {
    "renovation_ask": _("Ask about the renovation"),
    "renovation_take_part": _("Say whether we take part"),
    "appointment_cancel": _("Cancel the crew's visit"),
    "appointment_confirm": _("Say whether the work is good"),
    "appointment_defects": _("Say what is not right"),
}


def _rows(user: User) -> QuerySet[Appointment]:
    return Appointment.objects.of_household(user)


def _joined(rows: QuerySet[Appointment]) -> QuerySet[Appointment]:
    return rows.select_related("item", "resident", "place__slot__resource__crew")


def _open(rows: QuerySet[Appointment]) -> QuerySet[Appointment]:
    waits = Case(When(status=S.DONE, then=Value(0)), default=Value(1))
    unfinished = rows.filter(status__in=[S.BOOKED, S.UNDER_WAY, S.DONE, S.DEFECTS])
    return unfinished.order_by(waits, "place__slot__starts_at", "pk")


def _waiting(appointment: Appointment, now: datetime) -> Waiting | None:
    url = reverse("appointment", args=[appointment.pk])
    resident = appointment.resident
    if appointment.status == S.DONE:
        words = _("%(what)s: please look at the work") % {"what": appointment.item.name}
        return Waiting(words=words, url=url, icon="hammer", resident=resident)
    is_ahead = appointment.status in (S.BOOKED, S.UNDER_WAY) and appointment.ends_at > now
    if not is_ahead:
        return None
    changes_at(appointment.ends_at)
    return Waiting(
        words=_("the crew comes"), url=url, icon="hammer", at=appointment.starts_at, resident=resident
    )


def _show(appointment: Appointment, reader: User, now: datetime) -> Matter:
    is_timed = appointment.has_time
    return Matter(
        title=appointment.item.name,
        url=reverse("appointment", args=[appointment.pk]),
        icon="hammer",
        tone="build",
        tag=appointment.get_status_display(),
        tag_tone=timeline.tone(appointment),
        sub=appointment.crew.foreman,
        starts_at=appointment.starts_at if is_timed else None,
        ends_at=appointment.ends_at if is_timed else None,
        resident=appointment.resident,
        waiting=_waiting(appointment, now),
    )


def _offers(user: User, now: datetime) -> QuerySet[AppointmentWaiting]:
    """Returns the places of waiting lists that are held for the homes of the person."""
    offered = OfferedPlace.objects.offered(now).values("pk")
    return AppointmentWaiting.objects.filter(home__in=homes_to_act_for(user), waiting__in=offered)


def _show_offers(offers: QuerySet[AppointmentWaiting]) -> list[Waiting]:
    found = list(offers.select_related("waiting__resident")[:READ_ON_HOME])
    for one in found:
        changes_at(one.waiting.offered_until)
    return [
        Waiting(
            words=_("A time is free for you"),
            url=reverse("renovation_offer", args=[one.pk]),
            icon="hammer",
            resident=one.waiting.resident,
        )
        for one in found
    ]


HOME = Home(
    matters=(
        MatterSource(
            key="renovation",
            position=30,
            label=_("Renovation"),
            rows=_rows,
            joined=_joined,
            show=_show,
            open=_open,
            in_words=Ways(
                people=("resident",), homes=("home",), references=("reference",), words=("item__name",)
            ),
        ),
    ),
    waiting_rows=WaitingRows(_offers, _show_offers),
    steps={
        "renovation_times": _("Choose a time for the crew"),
        "appointment_move": _("Choose a time for the crew"),
        **ANSWERING,
    },
    handed={step: step for step in ANSWERING},
    tiles=(
        HomeLink(position=40, url_name="renovations", label=_("Renovation"), icon="hammer", tone="build"),
    ),
    more=(HomeLink(position=20, url_name="renovations", label=_("Renovation"), icon="hammer", tone="build"),),
)
