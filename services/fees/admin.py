"""Lists of everything about money, read only: what is written is written by the actions.

Fee items can be named and switched off here; a new tariff goes through its action.
"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from import_export.resources import Field
from unfold.admin import TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from community.core import clock
from community.core.exports import OfficeExport, OfficeResource
from community.core.money import as_yuan
from community.core.office import OfficeAdmin, OfficeRights, ReadOnly
from community.core.office_verbs import BaseDialogForm, OfficeVerbs, ReasonForm, Variant, verb_button
from services.fees import actions, policies, wording
from services.fees.forms import MonthField, RateField
from services.fees.models import (
    Account,
    Bill,
    BillChange,
    Entry,
    FeeItem,
    LedgerTransaction,
    Payment,
    PaymentChange,
    PaymentLine,
    ProviderNotice,
    Refund,
    Tariff,
)

HOME_SEARCH = ("home__number", "home__entrance__name", "home__entrance__building__name")
BILL_LABELS = {Bill.Status.OPEN: "warning", Bill.Status.SETTLED: "success", Bill.Status.VOIDED: "default"}
PAYMENT_LABELS = {
    Payment.Status.PENDING: "warning",
    Payment.Status.PAID: "success",
    Payment.Status.FAILED: "danger",
    Payment.Status.CLOSED: "default",
    Payment.Status.REFUNDED: "info",
}
REFUND_LABELS = {
    Refund.Status.PENDING: "warning",
    Refund.Status.DONE: "success",
    Refund.Status.FAILED: "danger",
}


class Below(ReadOnly, OfficeRights, TabularInline):
    """What hangs on a row; whoever sees the row sees it, and nobody edits it here."""

    extra = 0
    tab = True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


class TariffInline(Below):
    model = Tariff
    fields = readonly_fields = ("from_on", "rate")

    @admin.display(description=_("rate"))
    def rate(self, tariff: Tariff) -> str:
        return tariff.rate_text


class TariffDialog(BaseDialogForm):
    rate = RateField(label=_("Rate in yuan a month"), widget=UnfoldAdminTextInputWidget())
    from_on = MonthField(
        label=_("Holds from"), widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "2026-11"})
    )


@admin.register(FeeItem)
class FeeItemAdmin(OfficeVerbs, OfficeAdmin):
    list_display = ("name", "estate", "kind", "basis", "due_days", "is_active")
    list_filter = ("estate", "kind", "basis", "is_active")
    list_select_related = ("estate",)
    search_fields = ("name", "name_en")
    inlines = (TariffInline,)
    actions_detail = ("set_tariff",)

    set_tariff = verb_button(
        "set_tariff",
        _("New tariff"),
        explains=_("Months that have their bills keep their rate."),
        form=TariffDialog,
        icon="payments",
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """How the amount is counted stands in bills: it does not change under them."""
        return ("estate", "kind", "basis") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def allowed_here(self, request: HttpRequest, row: FeeItem) -> set[str]:
        may = policies.may("set_tariff", request.user, row.estate_id)  # type: ignore[arg-type]
        return {"set_tariff"} if may and row.basis != FeeItem.Basis.SINGLE else set()

    def perform(self, request: HttpRequest, verb: str, row: Any, filled: dict[str, Any]) -> None:
        actions.set_tariff(
            item=row,
            from_on=filled["from_on"],
            rate_hao=filled["rate"],
            by=request.user,  # type: ignore[arg-type]
            now=clock.now(),
        )


class BillHistory(Below):
    model = BillChange
    verbose_name_plural = _("history")
    fields = readonly_fields = ("at", "step", "actor", "on_behalf_of", "reason")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("actor", "on_behalf_of")

    @admin.display(description=_("step"))
    def step(self, change: BillChange) -> str:
        return str(Bill.Status(change.to_status).label)


class BillResource(OfficeResource):
    estate = Field(attribute="estate__name", column_name="小区")
    reference = Field(attribute="reference", column_name="编号")
    home = Field(column_name="房屋")
    item = Field(attribute="item__name", column_name="收费项目")
    period = Field(attribute="period", column_name="月份")
    computation = Field(column_name="计算")
    amount = Field(column_name="金额(元)")
    paid = Field(column_name="已付(元)")
    due_on = Field(attribute="due_on", column_name="缴费期限")
    status = Field(attribute="get_status_display", column_name="状态")

    class Meta:
        model = Bill
        fields = (
            *("estate", "reference", "home", "item", "period", "computation", "amount", "paid"),
            *("due_on", "status"),
        )

    def dehydrate_home(self, bill: Bill) -> str:
        return str(bill.home)

    def dehydrate_computation(self, bill: Bill) -> str:
        return wording.computation(bill)

    def dehydrate_amount(self, bill: Bill) -> float:
        return bill.amount_fen / 100

    def dehydrate_paid(self, bill: Bill) -> float:
        return bill.paid_fen / 100


@admin.register(Bill)
class BillAdmin(OfficeVerbs, ReadOnly, OfficeExport, OfficeAdmin):
    resource_classes = [BillResource]
    list_display = ("reference", "home", "item", "month", "amount", "paid", "due_on", "state", "estate")
    list_filter = ("estate", "status", ("item", admin.RelatedOnlyFieldListFilter), "period")
    list_select_related = ("home__entrance__building", "item", "estate")
    search_fields = ("reference", *HOME_SEARCH)
    exclude = ("area_dm2", "rate_hao", "months", "amount_fen", "paid_fen")
    readonly_fields = ("amount", "paid", "computation")
    inlines = (BillHistory,)
    actions_detail = ("void_bill",)

    void_bill = verb_button(
        "void_bill",
        _("Void the bill"),
        explains=_("What was paid on it becomes prepayment of the home."),
        form=ReasonForm,
        icon="block",
        variant=Variant.DANGER,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Bill]:
        return super().get_queryset(request).select_related("home__entrance__building", "item", "estate")

    def allowed_here(self, request: HttpRequest, row: Bill) -> set[str]:
        may = policies.may("void_bill", request.user, row.estate_id)  # type: ignore[arg-type]
        return {"void_bill"} if may and row.status != Bill.Status.VOIDED else set()

    def perform(self, request: HttpRequest, verb: str, row: Any, filled: dict[str, Any]) -> None:
        actions.void_bill(bill=row, reason=filled["reason"], by=request.user, now=clock.now())  # type: ignore[arg-type]

    @admin.display(description=_("month"), ordering="period")
    def month(self, bill: Bill) -> str:
        return wording.month(bill.period)

    @admin.display(description=_("amount"), ordering="amount_fen")
    def amount(self, bill: Bill) -> str:
        return as_yuan(bill.amount_fen)

    @admin.display(description=_("paid"), ordering="paid_fen")
    def paid(self, bill: Bill) -> str:
        return as_yuan(bill.paid_fen)

    @admin.display(description=_("computation"))
    def computation(self, bill: Bill) -> str:
        return wording.computation(bill)

    @display(description=_("state"), label=BILL_LABELS, ordering="status")
    def state(self, bill: Bill) -> tuple[str, str]:
        return bill.status, bill.get_status_display()


class LineInline(Below):
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


class PaymentHistory(Below):
    model = PaymentChange
    verbose_name_plural = _("history")
    fields = readonly_fields = ("at", "step", "actor", "on_behalf_of", "reason")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("actor", "on_behalf_of")

    @admin.display(description=_("step"))
    def step(self, change: PaymentChange) -> str:
        return str(Payment.Status(change.to_status).label)


class PaymentResource(OfficeResource):
    estate = Field(attribute="estate__name", column_name="小区")
    reference = Field(attribute="reference", column_name="编号")
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
        return wording.way(payment.channel)

    def dehydrate_amount(self, payment: Payment) -> float:
        return payment.amount_fen / 100


@admin.register(Payment)
class PaymentAdmin(OfficeVerbs, ReadOnly, OfficeExport, OfficeAdmin):
    resource_classes = [PaymentResource]
    list_display = ("reference", "home", "payer", "way", "amount", "state", "paid_at", "made_by", "estate")
    list_filter = ("estate", "status", "channel", "paid_at")
    list_select_related = ("home__entrance__building", "payer", "made_by", "estate")
    search_fields = ("reference", "provider_number", "payer__name", "payer_name", *HOME_SEARCH)
    phone_paths = ("payer__phone_index",)
    exclude = ("amount_fen",)
    readonly_fields = ("amount",)
    inlines = (LineInline, PaymentHistory)
    actions_detail = ("ask_back",)

    ask_back = verb_button(
        "ask_back",
        _("Pay it back"),
        explains=_("The money goes back the way it came, and the bills are open again."),
        form=ReasonForm,
        icon="undo",
        variant=Variant.DANGER,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payment]:
        related = ("home__entrance__building__estate", "payer", "made_by", "estate")
        return super().get_queryset(request).select_related(*related)

    def allowed_here(self, request: HttpRequest, row: Payment) -> set[str]:
        may = policies.may("refund", request.user, row.estate_id)  # type: ignore[arg-type]
        return {"ask_back"} if may and policies.may_take_back(request.user, row, clock.now()) else set()  # type: ignore[arg-type]

    def perform(self, request: HttpRequest, verb: str, row: Any, filled: dict[str, Any]) -> None:
        actions.ask_back(payment=row, by=request.user, reason=filled["reason"], now=clock.now())  # type: ignore[arg-type]

    @admin.display(description=_("amount"), ordering="amount_fen")
    def amount(self, payment: Payment) -> str:
        return as_yuan(payment.amount_fen)

    @admin.display(description=_("way"), ordering="channel")
    def way(self, payment: Payment) -> str:
        return wording.way(payment.channel)

    @display(description=_("state"), label=PAYMENT_LABELS, ordering="status")
    def state(self, payment: Payment) -> tuple[str, str]:
        return payment.status, payment.get_status_display()


@admin.register(Refund)
class RefundAdmin(OfficeVerbs, ReadOnly, OfficeAdmin):
    estate_path = "payment__estate"
    list_display = ("payment", "amount", "state", "reason", "made_by", "created_at")
    list_filter = ("payment__estate", "status", "created_at")
    list_select_related = ("payment", "made_by")
    search_fields = ("payment__reference", "provider_number")
    exclude = ("amount_fen",)
    readonly_fields = ("amount",)
    actions_detail = ("try_refund_again",)

    try_refund_again = verb_button("try_refund_again", _("Try again"), icon="refresh")

    def allowed_here(self, request: HttpRequest, row: Refund) -> set[str]:
        may = policies.may("refund", request.user, row.payment.estate_id)  # type: ignore[arg-type]
        return {"try_refund_again"} if may and row.status == Refund.Status.FAILED else set()

    def perform(self, request: HttpRequest, verb: str, row: Any, filled: dict[str, Any]) -> None:
        actions.try_refund_again(refund=row, by=request.user, now=clock.now())  # type: ignore[arg-type]

    @admin.display(description=_("amount"), ordering="amount_fen")
    def amount(self, refund: Refund) -> str:
        return as_yuan(refund.amount_fen)

    @display(description=_("state"), label=REFUND_LABELS, ordering="status")
    def state(self, refund: Refund) -> tuple[str, str]:
        return refund.status, refund.get_status_display()


# -- The books


class EntryInline(Below):
    model = Entry
    fields = readonly_fields = ("account", "debit", "credit", "bill")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        related = ("account__home__entrance__building", "account__item", "bill")
        return super().get_queryset(request).select_related(*related)

    @admin.display(description=_("debit"))
    def debit(self, entry: Entry) -> str:
        return as_yuan(entry.amount_fen) if entry.amount_fen > 0 else ""

    @admin.display(description=_("credit"))
    def credit(self, entry: Entry) -> str:
        return as_yuan(-entry.amount_fen) if entry.amount_fen < 0 else ""


@admin.register(LedgerTransaction)
class LedgerTransactionAdmin(ReadOnly, OfficeAdmin):
    list_display = ("key", "kind", "by", "at", "estate")
    list_filter = ("estate", "kind", "at")
    list_select_related = ("by", "estate")
    search_fields = ("key",)
    inlines = (EntryInline,)


@admin.register(Account)
class AccountAdmin(ReadOnly, OfficeAdmin):
    list_display = ("key", "kind", "home", "item", "provider", "held", "estate")
    list_filter = ("estate", "kind")
    list_select_related = ("home__entrance__building", "item", "estate")
    search_fields = ("key", *HOME_SEARCH)
    exclude = ("held_fen",)
    readonly_fields = ("balance",)

    @admin.display(description=_("held for the home"), ordering="held_fen")
    def held(self, account: Account) -> str:
        return as_yuan(account.held_fen) if account.kind == Account.Kind.PREPAYMENT else ""

    @admin.display(description=_("balance"))
    def balance(self, account: Account) -> str:
        return as_yuan(account.balance_fen)


@admin.register(ProviderNotice)
class ProviderNoticeAdmin(ReadOnly, OfficeAdmin):
    """What providers told us, and what was made of it; a forged call belongs to no estate."""

    estate_path = "payment__estate"
    list_display = ("at", "provider", "reference", "provider_number", "amount", "outcome", "payment")
    list_filter = ("provider", "outcome", "at")
    list_select_related = ("payment",)
    search_fields = ("reference", "provider_number")
    exclude = ("amount_fen",)
    readonly_fields = ("amount",)

    @admin.display(description=_("amount"), ordering="amount_fen")
    def amount(self, notice: ProviderNotice) -> str:
        return as_yuan(notice.amount_fen) if notice.amount_fen is not None else ""
