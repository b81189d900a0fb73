"""Admin of refunds and deposits."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from community.core import clock
from community.core.admin_base import BaseHistoryInline, EstateScopedAdmin, ReadOnly, ReadOnlyInline
from community.core.admin_verbs import ReasonForm, Variant, VerbButtons, verb_button
from community.core.money import as_yuan
from community.core.search.filtering import Ways
from services.fees import actions, labels, policies
from services.fees.models import Deposit, Refund, RefundChange, RefundLine

REFUND_LABELS = {
    Refund.Status.ASKED: "warning",
    Refund.Status.DECLINED: "default",
    Refund.Status.PENDING: "warning",
    Refund.Status.DONE: "success",
    Refund.Status.FAILED: "danger",
}


class RefundLineInline(ReadOnlyInline):
    model = RefundLine
    fields = readonly_fields = ("bill", "gone")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("line__bill")

    @admin.display(description=_("bill"))
    def bill(self, part: RefundLine) -> str:
        return str(part.line.bill)

    @admin.display(description=_("amount"))
    def gone(self, part: RefundLine) -> str:
        return as_yuan(part.amount_fen)


class RefundHistory(BaseHistoryInline):
    model = RefundChange


@admin.register(Refund)
class RefundAdmin(VerbButtons, ReadOnly, EstateScopedAdmin):
    list_display = (
        "of",
        "home",
        "amount",
        "state",
        "reason",
        "made_by",
        "approved_by",
        "created_at",
        "estate",
    )
    list_filter = ("estate", "status", "created_at")
    list_select_related = (
        *("home__entrance__building", "payment", "deposit", "account__home__entrance__building"),
        *("account__person", "made_by", "approved_by", "estate"),
    )
    found_by = Ways(
        people=("payment__payer",),
        homes=("home",),
        references=("payment__reference",),
        names=("payee_name_index",),
    )
    search_fields = ("provider_number",)
    exclude = ("amount_fen", "kept_fen", "channel")
    readonly_fields = ("amount", "kept", "way")
    inlines = (RefundLineInline, RefundHistory)
    actions_detail = ("approve_refund", "decline_refund", "try_refund_again")

    approve_refund = verb_button(
        "approve_refund",
        _("Agree, give it back"),
        explains=_("The money goes back, and the household is told."),
        icon="check",
        variant=Variant.PRIMARY,
    )
    decline_refund = verb_button(
        "decline_refund", _("Say no"), explains=_("Nothing is given back."), form=ReasonForm
    )
    try_refund_again = verb_button("try_refund_again", _("Try again"), icon="refresh")

    def allowed_here(self, request: HttpRequest, row: Refund) -> set[str]:
        user: Any = request.user
        if not policies.may("refund", user, row.estate_id):
            return set()
        if row.status == Refund.Status.ASKED:
            return {"decline_refund"} | ({"approve_refund"} if policies.may_approve(user, row) else set())
        return {"try_refund_again"} if row.status == Refund.Status.FAILED else set()

    def perform(self, request: HttpRequest, verb: str, row: Any, filled: dict[str, Any]) -> None:
        reason = {"reason": filled["reason"]} if "reason" in filled else {}
        getattr(actions, verb)(refund=row, by=request.user, now=clock.now(), **reason)

    @admin.display(description=_("of what"))
    def of(self, refund: Refund) -> str:
        return str(refund.source)

    @admin.display(description=_("kept"))
    def kept(self, refund: Refund) -> str:
        return as_yuan(refund.kept_fen)

    @admin.display(description=_("way"))
    def way(self, refund: Refund) -> str:
        return labels.way(refund.channel)

    @admin.display(description=_("amount"), ordering="amount_fen")
    def amount(self, refund: Refund) -> str:
        return as_yuan(refund.amount_fen)

    @display(description=_("state"), label=REFUND_LABELS, ordering="status")
    def state(self, refund: Refund) -> tuple[str, str]:
        return refund.status, refund.get_status_display()


@admin.register(Deposit)
class DepositAdmin(ReadOnly, EstateScopedAdmin):
    list_display = ("payment", "home", "kind", "words", "amount", "held", "created_at", "estate")
    list_filter = ("estate", "kind", "created_at")
    list_select_related = ("payment", "home__entrance__building", "account", "estate")
    found_by = Ways(people=("payment__payer",), homes=("home",), references=("payment__reference",))
    search_fields = ("words",)
    exclude = ("amount_fen",)
    readonly_fields = ("amount", "held")

    @admin.display(description=_("amount"), ordering="amount_fen")
    def amount(self, deposit: Deposit) -> str:
        return as_yuan(deposit.amount_fen)

    @admin.display(description=_("held"), ordering="account__held_fen")
    def held(self, deposit: Deposit) -> str:
        return as_yuan(deposit.held_fen)
