"""What hangs on a row of money: read only, and its history."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from community.core.office import OfficeRights, ReadOnly
from community.core.transitions import StatusChange
from services.fees.models import (
    Bill,
    BillChange,
    Payment,
)

HOME_SEARCH = ("home__number", "home__entrance__name", "home__entrance__building__name")


class Below(ReadOnly, OfficeRights, TabularInline):
    """What hangs on a row; whoever sees the row sees it, and nobody edits it here."""

    extra = 0
    tab = True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


class History(Below):
    """The steps of a life."""

    verbose_name_plural = _("history")
    fields = readonly_fields = ("at", "step", "actor", "on_behalf_of", "reason")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("actor", "on_behalf_of")

    @admin.display(description=_("step"))
    def step(self, change: StatusChange) -> str:
        of = Bill if isinstance(change, BillChange) else Payment
        return str(of.Status(change.to_status).label)
