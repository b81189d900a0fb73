from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from community.core import clock
from community.core.office import OfficeAdmin, ReadOnly, estates_for
from community.core.office_verbs import OfficeVerbs, Variant, verb_button
from community.notifications import actions, policies
from community.notifications.models import OutboxMessage

RESIDENTS = "recipient__residencies__home__entrance__building__estate__in"
STAFF = "recipient__staff_roles__estate__in"


@admin.register(OutboxMessage)
class OutboxAdmin(OfficeVerbs, ReadOnly, OfficeAdmin):
    """What was sent to whom; what failed for good can be sent again."""

    estate_path = ""
    list_display = ("created_at", "channel", "recipient", "template", "status", "tries", "error", "sent_at")
    list_filter = ("status", "channel", "template", "created_at")
    list_select_related = ("recipient",)
    search_fields = ("recipient__name", "template", "key", "provider_reference")
    phone_paths = ("recipient__phone_index",)
    date_hierarchy = "created_at"
    actions_detail = ("send_again",)

    send_again = verb_button(
        "send_again",
        _("Send again"),
        explains=_("It is tried once more, from the first try on."),
        variant=Variant.PRIMARY,
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        messages = super().get_queryset(request)
        if request.user.is_superuser:  # type: ignore[union-attr]
            return messages
        estates = estates_for(request, self.right("view"))
        ours = messages.model._default_manager
        living, working = ours.filter(**{RESIDENTS: estates}), ours.filter(**{STAFF: estates})
        return messages.filter(Q(pk__in=living.values("pk")) | Q(pk__in=working.values("pk")))

    def allowed_here(self, request: HttpRequest, row: OutboxMessage) -> set[str]:
        has_failed = row.status == OutboxMessage.Status.FAILED
        return {"send_again"} if has_failed and policies.may_send_again(request.user) else set()

    def perform(self, request: HttpRequest, verb: str, row: OutboxMessage, filled: dict[str, Any]) -> None:
        actions.send_again(message=row, by=request.user, now=clock.now())
