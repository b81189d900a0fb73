"""The back office's side bar, its mark and its colours: what ``BACK_OFFICE`` names by path."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Group = tuple[str | Promise, list[dict[str, Any]]]


def mark(request: HttpRequest) -> str:
    return static("img/mark.svg")


def style(request: HttpRequest) -> str:
    """Our colours, as a file: our policy lets no page hold a style of its own."""
    return static("css/office.css")


def _item(title: str | Promise, icon: str, model: str) -> dict[str, Any]:
    app, name = model.split(".")

    def may_view(request: HttpRequest) -> bool:
        return request.user.has_perm(f"{app}.view_{name}")  # type: ignore[union-attr]

    def address(request: HttpRequest) -> str:
        return reverse(f"admin:{app}_{name}_changelist")

    return {"title": title, "icon": icon, "link": address, "permission": may_view}


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The side bar, by what staff do; what one may not see is not there."""
    return [
        {"title": title, "separator": True, "items": items}
        for title, items in (*_services(), *_renovation_and_times(), *_people_and_places())
        if any(item["permission"](request) for item in items)
    ]


def _services() -> list[Group]:
    return [
        (
            _("Repairs"),
            [
                _item(_("Repairs"), "build", "repairs.repair"),
                _item(_("Catalogue"), "category", "repairs.repaircategory"),
            ],
        ),
        (
            _("Feedback"),
            [
                _item(_("Feedback"), "forum", "feedback.feedback"),
                _item(_("Standard answers"), "quickreply", "feedback.standardanswer"),
                _item(_("Satisfaction"), "mood", "common.satisfaction"),
                _item(_("Response times"), "timer", "common.responsetime"),
                _item(_("Response clocks"), "hourglass_top", "common.responseclock"),
            ],
        ),
        (
            _("Help"),
            [
                _item(_("Calls for help"), "sos", "help.helpcall"),
                _item(_("Alarms"), "notifications_active", "common.alarm"),
            ],
        ),
        (
            _("Elderly care"),
            [
                _item(_("Care bookings"), "event_available", "care.carebooking"),
                _item(_("Care catalogue"), "volunteer_activism", "care.careservice"),
                _item(_("Carers"), "elderly", "care.carer"),
                _item(_("Care providers"), "storefront", "care.provider"),
            ],
        ),
    ]


def _renovation_and_times() -> list[Group]:
    return [
        (
            _("Renovation"),
            [
                _item(_("Renovation projects"), "construction", "renovation.renovationproject"),
                _item(_("Appointments"), "event_available", "renovation.appointment"),
                _item(_("Participations"), "how_to_reg", "renovation.participation"),
                _item(_("Renovation campaigns"), "campaign", "renovation.campaign"),
                _item(_("Crews"), "engineering", "renovation.crew"),
                _item(_("Hours for noise"), "volume_up", "renovation.noisehours"),
            ],
        ),
        (
            _("Times and bookings"),
            [
                _item(_("Resources and hours"), "calendar_month", "scheduling.resource"),
                _item(_("Closures"), "event_busy", "scheduling.closure"),
                _item(_("Work calendar"), "event", "estates.calendarday"),
                _item(_("Times"), "schedule", "scheduling.slot"),
                _item(_("Bookings of all services"), "event_seat", "scheduling.place"),
            ],
        ),
    ]


def _people_and_places() -> list[Group]:
    return [
        (
            _("Fees"),
            [
                _item(_("Bills"), "receipt_long", "fees.bill"),
                _item(_("Payments"), "payments", "fees.payment"),
                _item(_("Refunds"), "undo", "fees.refund"),
                _item(_("Fee items"), "sell", "fees.feeitem"),
                _item(_("Books"), "menu_book", "fees.ledgertransaction"),
                _item(_("Accounts"), "account_balance", "fees.account"),
                _item(_("Calls of providers"), "call_received", "fees.providernotice"),
            ],
        ),
        (
            _("Residents"),
            [
                _item(_("People"), "group", "accounts.user"),
                _item(_("Residencies"), "house", "accounts.residency"),
                _item(_("Roster"), "list_alt", "accounts.rosterentry"),
                _item(_("Family delegations"), "family_restroom", "accounts.delegation"),
            ],
        ),
        (
            _("Estates and homes"),
            [
                _item(_("Estates"), "location_city", "estates.estate"),
                _item(_("Buildings"), "apartment", "estates.building"),
                _item(_("Homes"), "door_front", "estates.home"),
                _item(_("Public places"), "qr_code_2", "estates.publicplace"),
            ],
        ),
        (_("Figures"), [_item(_("Daily figures"), "monitoring", "desk.dayfigure")]),
        (_("Notices"), [_item(_("Notices"), "campaign", "notices.notice")]),
        (_("Messages"), [_item(_("Outgoing messages"), "outgoing_mail", "notifications.outboxmessage")]),
        (_("Audit"), [_item(_("Audit records"), "policy", "core.auditrecord")]),
        (
            _("System"),
            [
                _item(_("Staff roles"), "badge", "accounts.staffrole"),
                _item(_("API tokens"), "key", "accounts.apitoken"),
            ],
        ),
    ]
