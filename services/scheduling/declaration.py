"""Declaration of scheduling."""

from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _

from accounts.models import StaffRole
from community.core.services import App, MenuGroup, MenuItem, Personal
from community.core.services.rights import KEEP, VIEW
from services.scheduling.columns import COLUMNS

Role = StaffRole.Role

_SEES = {f"scheduling.{name}": VIEW for name in ("resource", "weeklyhours", "closure", "slot", "place")}
_KEEPS: dict[str, tuple[str, ...]] = {
    **_SEES,
    **{f"scheduling.{name}": KEEP for name in ("resource", "weeklyhours", "closure")},
}

APP = App(
    personal=(
        Personal("scheduling.place", about=("resident",), by=("made_by",)),
        Personal("scheduling.placechange", about=("place__resident",), by=("actor", "on_behalf_of")),
        Personal("scheduling.waiting", about=("resident",), by=("made_by",)),
        Personal("scheduling.waitingchange", about=("waiting__resident",), by=("actor", "on_behalf_of")),
    ),
    rights={
        Role.MANAGER: _KEEPS,
        Role.FRONT_DESK: _SEES,
        Role.CARE_COORDINATOR: _KEEPS,
        Role.RENOVATION_COORDINATOR: _KEEPS,
        Role.AUDITOR: _SEES,
    },
    admin_menu=(
        MenuGroup(
            60,
            _("Times and bookings"),
            (
                MenuItem(_("Resources and hours"), "calendar_month", "scheduling.resource"),
                MenuItem(_("Closures"), "event_busy", "scheduling.closure"),
                MenuItem(_("Work calendar"), "event", "estates.calendarday"),
                MenuItem(_("Times"), "schedule", "scheduling.slot"),
                MenuItem(_("Bookings of all services"), "event_seat", "scheduling.place"),
            ),
        ),
    ),
    columns=COLUMNS,
    beat={
        "lapse-due-places": {"task": "services.scheduling.tasks.lapse_due", "schedule": 30},
        "make-slots-ahead": {
            "task": "services.scheduling.tasks.make_slots_ahead",
            # Nightly, and again by day for a machine that is switched off at night.
            "schedule": crontab(hour="2,8,14,20", minute=10),
        },
    },
)
