"""Admin of fee items with their tariffs, and of bills."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from import_export.resources import Field
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from community.core import clock
from community.core.admin_base import (
    BaseHistoryInline,
    ChildInline,
    EstateScopedAdmin,
    ReadOnly,
    ReadOnlyInline,
)
from community.core.admin_paging import InUseFilter
from community.core.admin_verbs import BaseDialogForm, ReasonForm, Variant, VerbButtons, verb_button
from community.core.amounts import RateField
from community.core.exports import ExportAdmin, ExportResource, hundredths, month
from community.core.money import as_yuan
from community.core.search.filtering import Ways
from community.estates.models import Building
from services.fees import labels, policies
from services.fees.billing import actions
from services.fees.forms.resident import MonthField
from services.fees.models import (
    Bill,
    BillChange,
    BillLine,
    FeeItem,
    FeeReach,
    Tariff,
)

BILL_LABELS = {Bill.Status.OPEN: "warning", Bill.Status.SETTLED: "success", Bill.Status.VOIDED: "default"}


class TariffInline(ReadOnlyInline):
    model = Tariff
    fields = readonly_fields = ("from_on", "rate")

    @admin.display(description=_("rate"))
    def rate(self, tariff: Tariff) -> str:
        # The empty row of a form that is shown again with an error has no rate.
        return f"{tariff.rate_text} {labels.rate_unit(tariff.item)}" if tariff.rate_hao else ""


class ReachInline(ChildInline):
    """Rules of an item that only some homes owe."""

    model = FeeReach
    fields = ("building", "home_kind", "from_floor")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        number = request.resolver_match.kwargs.get("object_id", "") if request.resolver_match else ""
        item = FeeItem.objects.filter(pk=int(number)).first() if number.isdecimal() else None
        kwargs["queryset"] = item.estate.buildings.all() if item else Building.objects.none()  # type: ignore[attr-defined]
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class LineInline(ReadOnlyInline):
    model = BillLine
    fields = readonly_fields = ("number", "kind", "days", "computed", "amount")

    @admin.display(description=_("days"))
    def days(self, line: BillLine) -> str:
        return f"{line.from_on:%Y-%m-%d} – {line.to_on:%Y-%m-%d}" if line.from_on and line.to_on else ""

    @admin.display(description=_("computation"))
    def computed(self, line: BillLine) -> str:
        return labels.line_computation(line) or line.words

    @admin.display(description=_("amount"))
    def amount(self, line: BillLine) -> str:
        return as_yuan(line.amount_fen)


class TariffDialog(BaseDialogForm):
    rate = RateField(
        label=_("Rate in yuan"),
        help_text=_("A square metre and month where it is counted by floor area, else a home and month."),
        widget=UnfoldAdminTextInputWidget(),
    )
    from_on = MonthField(
        label=_("Holds from"), widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "2026-11"})
    )


@admin.register(FeeItem)
class FeeItemAdmin(VerbButtons, EstateScopedAdmin):
    list_display = ("name", "estate", "kind", "basis", "every", "reach", "due_days", "is_active")
    list_filter = ("estate", "kind", "basis", "reach", "is_active")
    list_select_related = ("estate",)
    search_fields = ("name", "name_en")
    inlines = (ReachInline, TariffInline)
    actions_detail = ("set_tariff",)

    set_tariff = verb_button(
        "set_tariff",
        _("New tariff"),
        explains=_("A second person has to agree. Months that have their bills keep their rate."),
        form=TariffDialog,
        icon="payments",
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Makes kind and basis read-only once the item exists: bills depend on them."""
        return ("estate", "kind", "basis", "every") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def allowed_here(self, request: HttpRequest, row: FeeItem) -> set[str]:
        may = policies.may("set_tariff", request.user, row.estate_id)  # type: ignore[arg-type]
        return {"set_tariff"} if may and row.basis != FeeItem.Basis.SINGLE else set()

    def perform(self, request: HttpRequest, verb: str, row: Any, filled: dict[str, Any]) -> None:
        actions.ask_tariff(
            item=row,
            from_on=filled["from_on"],
            rate_hao=filled["rate"],
            by=request.user,  # type: ignore[arg-type]
            now=clock.now(),
        )


class BillHistory(BaseHistoryInline):
    model = BillChange


class BillResource(ExportResource):
    estate = Field(attribute="estate__name", column_name="小区")
    reference = Field(attribute="reference", column_name="单号")
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
        return labels.computation(bill)

    def dehydrate_period(self, bill: Bill) -> Any:
        return month(bill.period)

    def dehydrate_amount(self, bill: Bill) -> Any:
        return hundredths(bill.amount_fen)

    def dehydrate_paid(self, bill: Bill) -> Any:
        return hundredths(bill.paid_fen)


@admin.register(Bill)
class BillAdmin(VerbButtons, ReadOnly, ExportAdmin, EstateScopedAdmin):
    resource_classes = [BillResource]
    list_display = ("reference", "home", "item", "month", "amount", "paid", "due_on", "state", "estate")
    list_filter = ("estate", "status", ("item", InUseFilter), "period")
    list_select_related = ("home__entrance__building", "item", "estate")
    found_by = Ways(homes=("home",), references=("reference",))
    exclude = ("amount_fen", "paid_fen")
    readonly_fields = ("amount", "paid", "computation")
    inlines = (LineInline, BillHistory)
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
        return labels.months(bill.period, bill.months)

    @admin.display(description=_("amount"), ordering="amount_fen")
    def amount(self, bill: Bill) -> str:
        return as_yuan(bill.amount_fen)

    @admin.display(description=_("paid"), ordering="paid_fen")
    def paid(self, bill: Bill) -> str:
        return as_yuan(bill.paid_fen)

    @admin.display(description=_("computation"))
    def computation(self, bill: Bill) -> str:
        return labels.computation(bill)

    @display(description=_("state"), label=BILL_LABELS, ordering="status")
    def state(self, bill: Bill) -> tuple[str, str]:
        return bill.status, bill.get_status_display()
