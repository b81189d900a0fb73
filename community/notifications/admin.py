from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from community.core import clock
from community.core.admin_base import EstateScopedAdmin, ReadOnly
from community.core.admin_verbs import Variant, VerbButtons, verb_button
from community.core.search.filtering import Ways
from community.notifications import actions, policies
from community.notifications.messages import title_of
from community.notifications.models import OutboxMessage

LIVES = "recipient__residencies__"
# Delegates of residents: relatives who are told of a call for help.
FAMILY = "recipient__delegations_held__"


def _living(path: str, estates: set[int]) -> dict[str, Any]:
    return {f"{path}status": "active", f"{path}home__entrance__building__estate__in": estates}


class TitleFilter(admin.AllValuesFieldListFilter):
    def choices(self, changelist: Any) -> Any:
        return [{**one, "display": title_of(str(one["display"]))} for one in super().choices(changelist)]


@admin.register(OutboxMessage)
class OutboxAdmin(VerbButtons, ReadOnly, EstateScopedAdmin):
    """Outgoing messages; permanently failed ones can be sent again."""

    estate_path = ""
    list_display = ("created_at", "channel", "recipient", "says", "status", "tries", "error", "sent_at")
    list_filter = ("status", "channel", ("template", TitleFilter), "created_at")
    list_select_related = ("recipient",)
    found_by = Ways(people=("recipient",))
    search_fields = ("template", "provider_reference")
    # Parameters and addresses are private to the recipient, and keys name other rows, so none is shown.
    fields = (
        *("channel", "recipient", "says", "status", "tries", "error", "provider_reference"),
        *("created_at", "next_try_at", "sent_at"),
    )
    readonly_fields = ("says",)
    date_hierarchy = "created_at"
    actions_detail = ("send_again",)

    send_again = verb_button(
        "send_again",
        _("Send again"),
        explains=_("It is tried once more, from the first try on."),
        variant=Variant.PRIMARY,
    )

    @admin.display(description=_("template"), ordering="template")
    def says(self, row: OutboxMessage) -> str:
        return title_of(row.template)

    def rows_of(self, rows: QuerySet[Any], estates: set[int]) -> QuerySet[Any]:
        """Limits to messages to people who live or work here now and to delegates of residents."""
        held = {f"{FAMILY}ended_at": None, f"{FAMILY}accepted_at__isnull": False}
        ours = [
            _living(LIVES, estates),
            _living(f"{FAMILY}resident__residencies__", estates) | held,
            {"recipient__staff_roles__estate__in": estates},
        ]
        today = clock.today(clock.now())
        lasting = Q(**{f"{FAMILY}ends_on": None}) | Q(**{f"{FAMILY}ends_on__gte": today})
        conditions = [Q(**ours[0]), Q(lasting, **ours[1]), Q(**ours[2])]
        found = [Q(pk__in=OutboxMessage.objects.filter(one).values("pk")) for one in conditions]
        return rows.filter(found[0] | found[1] | found[2])

    def allowed_here(self, request: HttpRequest, row: OutboxMessage) -> set[str]:
        has_failed = row.status == OutboxMessage.Status.FAILED
        return {"send_again"} if has_failed and self._may(request, row) else set()

    def _may(self, request: HttpRequest, row: OutboxMessage) -> bool:
        """Whether the user may resend, also in the estate of this message: roles differ by estate."""
        return policies.may_send_again(request.user) and self.has_right(request, "change", row)

    def perform(self, request: HttpRequest, verb: str, row: OutboxMessage, filled: dict[str, Any]) -> None:
        if not self._may(request, row):
            raise PermissionDenied
        actions.send_again(message=row, by=request.user, now=clock.now())
