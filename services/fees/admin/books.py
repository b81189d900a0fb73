"""Admin of the books and of providers' notices, read only."""

from typing import Any

from django.contrib import admin
from django.db.models import BigIntegerField, Case, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, StrIndex, Substr
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from community.core.admin_base import EstateScopedAdmin, ReadOnly, ReadOnlyInline
from community.core.money import as_yuan
from community.core.search.filtering import Ways
from services.fees import labels
from services.fees.admin.filters import WayFilter
from services.fees.models import (
    Account,
    Bill,
    Entry,
    LedgerTransaction,
    Payment,
    ProviderNotice,
)

Kind = LedgerTransaction.Kind
# Kinds whose key names a bill; the keys of the others name a payment.
OF_BILLS = (Kind.BILL, Kind.VOID, Kind.RELEASE)


class EntryInline(ReadOnlyInline):
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
class LedgerTransactionAdmin(ReadOnly, EstateScopedAdmin):
    list_display = ("cause", "kind", "by", "at", "estate")
    list_filter = ("estate", "kind", "at")
    list_select_related = ("by", "estate")
    search_fields = ("key",)
    exclude = ("key",)
    readonly_fields = ("cause",)
    inlines = (EntryInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Annotates the reference of the bill or payment, by the number in the key."""
        number = Cast(Substr("key", StrIndex("key", Value(":")) + 1), BigIntegerField())
        rows = (
            super()
            .get_queryset(request)
            .annotate(number=Case(When(key__regex=r":[0-9]{1,18}$", then=number)))
        )
        return rows.annotate(
            of_bill=Subquery(Bill.objects.filter(pk=OuterRef("number")).values("reference")),
            of_payment=Subquery(Payment.objects.filter(pk=OuterRef("number")).values("reference")),
        )

    @admin.display(description=_("cause"), ordering="key")
    def cause(self, row: Any) -> str:
        if row.kind == Kind.OPENING:
            return str(row)
        return (row.of_bill if row.kind in OF_BILLS else row.of_payment) or str(row)


@admin.register(Account)
class AccountAdmin(ReadOnly, EstateScopedAdmin):
    list_display = ("kind", "home", "person", "item", "way", "held", "estate")
    list_filter = ("estate", "kind")
    list_select_related = ("home__entrance__building", "person", "item", "estate")
    found_by = Ways(homes=("home",))
    search_fields = ("key",)
    exclude = ("held_fen",)
    readonly_fields = ("balance",)

    @admin.display(description=pgettext_lazy("payment", "provider"), ordering="provider")
    def way(self, account: Account) -> str:
        return labels.way(account.provider) if account.provider else ""

    @admin.display(description=_("held for the home"), ordering="held_fen")
    def held(self, account: Account) -> str:
        return as_yuan(account.held_fen) if account.kind == Account.Kind.PREPAYMENT else ""

    @admin.display(description=_("balance"))
    def balance(self, account: Account) -> str:
        return as_yuan(account.balance_fen)


@admin.register(ProviderNotice)
class ProviderNoticeAdmin(ReadOnly, EstateScopedAdmin):
    """Notices of providers and their outcomes; a forged notice belongs to no estate."""

    estate_path = "payment__estate"
    list_display = ("at", "from_whom", "reference", "provider_number", "amount", "outcome", "payment")
    list_filter = (("provider", WayFilter), "outcome", "at")
    list_select_related = ("payment",)
    found_by = Ways(references=("reference",))
    search_fields = ("provider_number",)
    exclude = ("amount_fen", "provider")
    readonly_fields = ("from_whom", "amount")

    @admin.display(description=pgettext_lazy("payment", "provider"), ordering="provider")
    def from_whom(self, notice: ProviderNotice) -> str:
        return labels.way(notice.provider)

    @admin.display(description=_("amount"), ordering="amount_fen")
    def amount(self, notice: ProviderNotice) -> str:
        return as_yuan(notice.amount_fen) if notice.amount_fen is not None else ""
