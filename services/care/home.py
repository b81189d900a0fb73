"""Elderly care on the resident's home page."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Delegation, User
from community.core.moments import changes_at
from community.core.search.filtering import Ways
from community.core.services.home import (
    FamilyLine,
    Home,
    HomeLink,
    Matter,
    MatterSource,
    Waiting,
    WaitingRows,
)
from services.care import KEY, timeline
from services.care.models import CareBooking
from services.common.home import READ_ON_HOME
from services.scheduling.models import Waiting as OfferedPlace

BOOKING = ("care", "care_service", "care_question", "care_check", "care_waiting")


def _rows(user: User) -> QuerySet[CareBooking]:
    return CareBooking.objects.of_household(user)


def _joined(rows: QuerySet[CareBooking]) -> QuerySet[CareBooking]:
    return rows.with_visit()  # type: ignore[attr-defined,no-any-return]


def _open(rows: QuerySet[CareBooking]) -> QuerySet[CareBooking]:
    return rows.filter(status__in=CareBooking.OPEN).order_by("place__slot__starts_at", "pk")


def _show(booking: CareBooking, reader: User, now: datetime) -> Matter:
    carer = gettext("%(carer)s comes") % {"carer": booking.carer.name} if booking.carer else ""
    url = reverse("care_booking", args=[booking.pk])
    is_ahead = booking.status in CareBooking.OPEN and booking.ends_at > now
    if is_ahead:
        changes_at(booking.ends_at)
    coming = Waiting(
        words=booking.service.label, url=url, icon="heart", at=booking.starts_at, resident=booking.resident
    )
    return Matter(
        title=booking.service.label,
        url=url,
        icon="heart",
        tone="care",
        tag=booking.get_status_display(),
        tag_tone=timeline.tone(booking),
        sub=carer,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        resident=booking.resident,
        waiting=coming if is_ahead else None,
    )


def _offers(user: User, now: datetime) -> QuerySet[OfferedPlace]:
    """Returns the places of waiting lists that are held for the person or for people they act for."""
    acted_for = Delegation.objects.residents_of(user, KEY)
    mine = OfferedPlace.objects.offered(now).filter(Q(resident=user) | Q(resident__in=acted_for))
    return mine.filter(slot__resource__care_service__isnull=False)


def _show_offers(offers: QuerySet[OfferedPlace]) -> list[Waiting]:
    found = list(offers.select_related("resident")[:READ_ON_HOME])
    for one in found:
        changes_at(one.offered_until)
    return [
        Waiting(
            words=_("A place is free for you"),
            url=reverse("care_waiting", args=[one.pk]),
            icon="heart",
            resident=one.resident,
        )
        for one in found
    ]


HOME = Home(
    matters=(
        MatterSource(
            key="care",
            position=20,
            label=_("Elderly care"),
            rows=_rows,
            joined=_joined,
            show=_show,
            open=_open,
            sealed=("description",),
            in_words=Ways(
                people=("resident", "carer"),
                references=("reference",),
                words=("service__name", "service__name_en"),
            ),
        ),
    ),
    waiting_rows=WaitingRows(_offers, _show_offers),
    steps={**dict.fromkeys(BOOKING, _("Book care")), "care_cancel": _("Cancel the booking")},
    # An answer may be about health: it is noted in the draft only with the consent that its page asks for.
    handed={"care_cancel": "care_cancel", "care_question": "care_question"},
    tiles=(HomeLink(position=30, url_name="care", label=_("Elderly care"), icon="heart", tone="care"),),
    more=(HomeLink(position=10, url_name="care", label=_("Elderly care"), icon="heart", tone="care"),),
    family=FamilyLine(
        position=30,
        url_name="care",
        button=_("Book care"),
        icon="calendar",
        tone="care",
    ),
)
