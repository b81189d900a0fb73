"""Admin of payments."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from import_export.resources import Field
from unfold.decorators import display

from community.core import clock
from community.core.admin_base import BaseHistoryInline, EstateScopedAdmin, ReadOnly, ReadOnlyInline
from community.core.admin_verbs import ReasonForm, Variant, VerbButtons, verb_button
from community.core.exports import ExportAdmin, ExportResource, hundredths
from community.core.money import as_yuan
from community.core.search.filtering import Ways
from services.fees import actions, labels, policies
from services.fees.admin.filters import WayFilter
from services.fees.models import Payment, PaymentChange, PaymentLine, Refund

PAYMENT_LABELS = {
    Payment.Status.PENDING: "warning",
    Payment.Status.PAID: "success",
    Payment.Status.FAILED: "danger",
    Payment.Status.CLOSED: "default",
    Payment.Status.PARTLY: "info",
    Payment.Status.REFUNDED: "info",
    Payment.Status.MOVED: "info",
}


class LineInline(ReadOnlyInline):
    model = PaymentLine
    fields = readonly_fields = ("bill", "meant", "taken")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("bill")

    @admin.display(description=_("meant for it"))
    def meant(self, line: PaymentLine) -> str:
        return as_yuan(line.amount_fen)

    @admin.display(description=_("taken by it"))
    def taken(self, line: PaymentLine) -> str:
        return as_yuan(line.applied_fen)


class PaymentHistory(BaseHistoryInline):
    model = PaymentChange


class PaymentResource(ExportResource):
    estate = Field(attribute="estate__name", column_name="小区")
    reference = Field(attribute="reference", column_name="单号")
    home = Field(column_name="房屋")
    payer = Field(column_name="交款人")
    way = Field(column_name="方式")
    amount = Field(column_name="金额(元)")
    status = Field(attribute="get_status_display", column_name="状态")
    paid_at = Field(attribute="paid_at", column_name="收款时间")
    number = Field(attribute="provider_number", column_name="支付平台单号")

    class Meta:
        model = Payment
        fields = ("estate", "reference", "home", "payer", "way", "amount", "status", "paid_at", "number")

    def dehydrate_home(self, payment: Payment) -> str:
        return str(payment.home)

    def dehydrate_payer(self, payment: Payment) -> str:
        return payment.payer.name if payment.payer else payment.payer_name

    def dehydrate_way(self, payment: Payment) -> str:
        return labels.way(payment.channel)

    def dehydrate_amount(self, payment: Payment) -> Any:
        return hundredths(payment.amount_fen)


@admin.register(Payment)
class PaymentAdmin(VerbButtons, ReadOnly, ExportAdmin, EstateScopedAdmin):
    resource_classes = [PaymentResource]
    list_display = ("reference", "home", "payer", "way", "amount", "state", "paid_at", "made_by", "estate")
    list_filter = ("estate", "status", ("channel", WayFilter), "paid_at")
    list_select_related = ("home__entrance__building", "payer", "made_by", "estate")
    found_by = Ways(
        people=("payer",), homes=("home",), references=("reference",), names=("payer_name_index",)
    )
    search_fields = ("provider_number",)
    exclude = ("amount_fen", "channel")
    readonly_fields = ("way", "amount")
    inlines = (LineInline, PaymentHistory)
    actions_detail = ("ask_back",)

    ask_back = verb_button(
        "ask_back",
        _("Pay it back"),
        explains=_("All that is left goes back the way it came. Somebody else has to agree first."),
        form=ReasonForm,
        icon="undo",
        variant=Variant.DANGER,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payment]:
        related = ("home__entrance__building__estate", "payer", "made_by", "estate")
        return super().get_queryset(request).select_related(*related)

    def allowed_here(self, request: HttpRequest, row: Payment) -> set[str]:
        may = policies.may_refund(request.user, row)  # type: ignore[arg-type]
        waits = Refund.objects.waiting_for_second().filter(payment=row).exists()
        return {"ask_back"} if may and policies.can_be_paid_back(row) and not waits else set()

    def perform(self, request: HttpRequest, verb: str, row: Any, filled: dict[str, Any]) -> None:
        actions.request_refund(payment=row, by=request.user, reason=filled["reason"], now=clock.now())  # type: ignore[arg-type]

    @admin.display(description=_("amount"), ordering="amount_fen")
    def amount(self, payment: Payment) -> str:
        return as_yuan(payment.amount_fen)

    @admin.display(description=_("way"), ordering="channel")
    def way(self, payment: Payment) -> str:
        return labels.way(payment.channel)

    @display(description=_("state"), label=PAYMENT_LABELS, ordering="status")
    def state(self, payment: Payment) -> tuple[str, str]:
        return payment.status, payment.get_status_display()
