"""The entries of estates in the side nav: signs to print, and a year whose days off are missing."""

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from community.core import clock
from community.core.services.nav import NavEntry, StaffMember
from community.estates.calendar import years_to_enter

# Roles belong to people, so they are known here by their names only.
CALENDAR_KEEPERS = frozenset({"manager", "care_coordinator", "renovation_coordinator"})


def _has_year_to_enter(member: StaffMember) -> bool:
    """Whether a year begins soon, and nobody has entered its days off yet."""
    return bool(member.roles & CALENDAR_KEEPERS) and bool(years_to_enter(clock.today(member.now)))


NAV = (
    NavEntry(
        position=120,
        url="/staff/signs/",
        label=_("Signs"),
        icon="qrcode",
        tone="build",
        roles=frozenset({"manager", "front_desk", "dispatcher"}),
        hint=_("Print"),
    ),
    NavEntry(
        position=130,
        url=reverse_lazy("admin:estates_calendarday_changelist"),
        label=_("Work calendar"),
        icon="calendar",
        tone="care",
        is_open=_has_year_to_enter,
        hint=_("Enter the year's days off"),
        areas=(),
    ),
)
