"""Admin of tokens and of the audit record."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import actions
from accounts.models import Administration, ApiToken, Residency, StaffRole
from accounts.policies import is_security_admin
from community.core import clock
from community.core.admin import AuditRecordAdmin
from community.core.admin_base import EstateScopedAdmin, ReadOnly
from community.core.admin_verbs import Variant, VerbButtons, verb_button
from community.core.audit_kinds import KINDS
from community.core.models import AuditRecord
from community.core.search.filtering import Ways

HOME_ESTATE = "home__entrance__building__estate"


@admin.register(ApiToken)
class ApiTokenAdmin(VerbButtons, ReadOnly, EstateScopedAdmin):
    """API tokens without their secrets; the security administrator can revoke them."""

    estate_path = "user__staff_roles__estate"
    list_display = ("name", "user", "scopes", "created_at", "expires_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    found_by = Ways(people=("user",))
    search_fields = ("name", "user__username")
    exclude = ("digest",)
    actions_detail = ("revoke_token",)

    revoke_token = verb_button(
        "revoke_token", _("Revoke"), explains=_("It stops working at once, for good."), variant=Variant.DANGER
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).distinct()

    def allowed_here(self, request: HttpRequest, row: ApiToken) -> set[str]:
        may = is_security_admin(request.user) and row.revoked_at is None  # type: ignore[arg-type]
        return {"revoke_token"} if may else set()

    def perform(self, request: HttpRequest, verb: str, row: ApiToken, filled: dict[str, Any]) -> None:
        if is_security_admin(request.user):  # type: ignore[arg-type]
            actions.revoke_token(token=row, by=request.user, now=clock.now())  # type: ignore[arg-type]


@admin.register(AuditRecord)
class EstateAuditAdmin(AuditRecordAdmin):
    """Audit records of the user's estates, and records without an estate of people who live or work there."""

    def rows_for(self, rows: QuerySet[Any], administration: str) -> QuerySet[Any]:
        """Limits security administrators to sign-ins, failures and refusals."""
        if administration == Administration.SECURITY:
            return rows.filter(KINDS["signing"].condition | KINDS["refused"].condition)
        return rows

    def rows_of(self, rows: QuerySet[Any], estates: set[int]) -> QuerySet[Any]:
        working = StaffRole.objects.filter(estate__in=estates).values("user")
        living = Residency.objects.filter(**{f"{HOME_ESTATE}__in": estates}).values("user")
        theirs = Q(actor__in=working) | Q(actor__in=living)
        return rows.filter(Q(estate_id_number__in=estates) | Q(estate_id_number=None) & theirs)
