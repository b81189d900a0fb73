from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _
from import_export.resources import Field

from community.core import audit_words
from community.core.admin_base import EstateScopedAdmin, ReadOnly
from community.core.exports import ExportAdmin, ExportResource
from community.core.models import AuditRecord
from community.core.search.filtering import Ways

# Unused: rights come from roles, sign-in needs no e-mail address, and a second factor is reset by two.
for _unused in (Group, EmailAddress, EmailConfirmation, Authenticator):
    if admin.site.is_registered(_unused):
        admin.site.unregister(_unused)


class AuditResource(ExportResource):
    """Exports audit records with words instead of codes."""

    actor = Field(attribute="actor__name", column_name="操作人")

    class Meta:
        model = AuditRecord
        fields = ("at", "action", "actor", "target", "outcome", "address", "detail")

    def dehydrate_action(self, row: AuditRecord) -> str:
        return audit_words.act(row.action)

    def dehydrate_target(self, row: AuditRecord) -> str:
        return audit_words.target(row.target)

    def dehydrate_outcome(self, row: AuditRecord) -> str:
        return audit_words.outcome(row.outcome)

    def dehydrate_detail(self, row: AuditRecord) -> str:
        return audit_words.detail(row.detail, row.target or row.action)


class ActFilter(admin.AllValuesFieldListFilter):
    """Filter by act, in words."""

    def choices(self, changelist: Any) -> Any:
        first, *rest = super().choices(changelist)
        return [first, *({**one, "display": self.words(str(one["display"]))} for one in rest)]

    def words(self, code: str) -> str:
        return audit_words.act(code)


class OutcomeFilter(ActFilter):
    def words(self, code: str) -> str:
        return audit_words.outcome(code)


class AuditRecordAdmin(ReadOnly, ExportAdmin, EstateScopedAdmin):
    """Audit records, read-only; the database refuses changes too.

    Registered by ``accounts``, which knows the estates that acts concern.
    """

    resource_classes = [AuditResource]
    estate_path = "estate_id_number"
    list_display = ("at", "act", "actor", "what", "how_it_ended", "address")
    list_filter = (("outcome", OutcomeFilter), ("action", ActFilter), "at")
    fields = ("at", "act", "actor", "what", "how_it_ended", "address", "estate_id_number", "details")
    readonly_fields = ("act", "what", "how_it_ended", "details")
    list_select_related = ("actor",)
    found_by = Ways(people=("actor",))
    search_fields = ("action", "target", "actor__username")
    date_hierarchy = "at"

    @admin.display(description=_("act"), ordering="action")
    def act(self, record: AuditRecord) -> str:
        return audit_words.act(record.action)

    @admin.display(description=_("on what"), ordering="target")
    def what(self, record: AuditRecord) -> str:
        return audit_words.target(record.target)

    @admin.display(description=_("outcome"), ordering="outcome")
    def how_it_ended(self, record: AuditRecord) -> str:
        return audit_words.outcome(record.outcome)

    @admin.display(description=_("detail"))
    def details(self, record: AuditRecord) -> str:
        return audit_words.detail(record.detail, record.target or record.action)
