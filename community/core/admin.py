from datetime import timedelta
from operator import itemgetter
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from import_export.resources import Field
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter
from unfold.utils import parse_date_str

from community.core import audit_words, clock
from community.core.admin_base import EstateScopedAdmin, ReadOnly
from community.core.audit_kinds import KINDS
from community.core.audit_state import chain_state
from community.core.exports import ExportAdmin, ExportResource
from community.core.models import AuditRecord, RetentionDay
from community.core.retention import retentions
from community.core.search.filtering import Ways

# Digits of the largest key.
LONGEST_NUMBER = 19

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


class KindFilter(DropdownFilter):
    title = pgettext_lazy("kind of act", "kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(code, str(kind.words)) for code, kind in KINDS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        kind = KINDS.get(self.value() or "")
        return queryset.filter(kind.condition) if kind else queryset


class CodeFilter(DropdownFilter):
    """Filter by a code, in words; the codes are those that have words, so no row is read to find them."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        code = self.value()
        return queryset.filter(**{self.parameter_name: code}) if code else queryset  # type: ignore[dict-item]


class ActFilter(CodeFilter):
    title = _("act")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return sorted(
            ((code, str(words)) for code, words in audit_words.known_acts().items()), key=itemgetter(1)
        )


class OutcomeFilter(CodeFilter):
    title = _("outcome")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(code, str(words)) for code, words in audit_words.OUTCOMES.items()]


class DayFilter(RangeDateFilter):
    """Filter by the first and the last day, both included, in the estate's time zone."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, last = (parse_date_str(self.used_parameters.get(f"at_{end}", "")) for end in ("from", "to"))
        if first:
            queryset = queryset.filter(at__gte=clock.midnight(first))
        return queryset.filter(at__lt=clock.midnight(last + timedelta(days=1))) if last else queryset


class OlderFilter(admin.SimpleListFilter):
    """Records before a number, by which the list goes on however long it is. The link is below the list."""

    title = _("older records")
    parameter_name = "before"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        number = request.GET.get(self.parameter_name, "")
        return [(number, _("before no. %(number)s") % {"number": number})] if number.isdecimal() else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        number = self.value() or ""
        is_number = number.isascii() and number.isdecimal() and len(number) < LONGEST_NUMBER
        return queryset.filter(pk__lt=int(number)) if is_number else queryset


class AuditList(ChangeList):
    """The list by number, newest first, with the way to the records before those on the page."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = list(self.result_list)
        is_by_number = self.get_ordering(request, self.queryset)[:1] == ["-pk"]
        self.older = ""
        if rows and is_by_number and self.result_count > len(rows):
            before = {OlderFilter.parameter_name: rows[-1].pk}
            self.older = self.get_query_string(before, remove=["p"])


class AuditRecordAdmin(ReadOnly, ExportAdmin, EstateScopedAdmin):
    """Audit records, read-only; the database refuses changes too.

    Registered by ``accounts``, which knows the estates that acts concern.
    """

    resource_classes = [AuditResource]
    estate_path = "estate_id_number"
    list_display = ("at", "act", "actor", "what", "how_it_ended", "address")
    list_filter = (KindFilter, ActFilter, OutcomeFilter, ("at", DayFilter), OlderFilter)
    list_before_template = "admin/audit_state.html"
    list_after_template = "admin/audit_older.html"
    # By number, which nearly is the order of time: every page costs the same.
    ordering = ("-pk",)
    fields = ("at", "act", "actor", "what", "how_it_ended", "address", "estate_id_number", "details")
    readonly_fields = ("act", "what", "how_it_ended", "details")
    list_select_related = ("actor",)
    found_by = Ways(people=("actor",))
    search_fields = ("action", "target", "actor__username", "address")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return AuditList

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        state = {"state": chain_state(now=clock.now())}
        return super().changelist_view(request, {**(extra_context or {}), **state})

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


@admin.register(RetentionDay)
class RetentionDayAdmin(ReadOnly, EstateScopedAdmin):
    """The report of what is deleted by itself: how much of each kind, and what failed."""

    estate_path = ""
    list_display = ("day", "what", "how_long", "removed", "failures", "error", "last_at")
    list_filter = ("day",)
    fields = ("day", "what", "how_long", "removed", "failures", "error", "last_at")
    readonly_fields = ("what", "how_long")

    @admin.display(description=_("kind"), ordering="kind")
    def what(self, line: RetentionDay) -> str:
        return next((str(one.label) for one in retentions() if one.key == line.kind), line.kind)

    @admin.display(description=_("kept for"))
    def how_long(self, line: RetentionDay) -> str:
        return next((str(one.kept) for one in retentions() if one.key == line.kind), "")
