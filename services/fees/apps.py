from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeesConfig(AppConfig):
    name = "services.fees"
    label = "fees"
    verbose_name = _("Fees")

    def ready(self) -> None:
        # The import registers the system check; tasks are queued by name, so they must be known.
        from community.core.services import register
        from community.notifications.topics import everything, of_row, watch_all
        from services.fees import checks, tasks  # noqa: F401
        from services.fees.matching.topics import of_day, of_difference
        from services.fees.models import (
            BankSheet,
            Bill,
            Dispute,
            FundLine,
            FundQuestion,
            InvoiceRequest,
            LateFeeWaiver,
            LedgerReversal,
            MatchingDay,
            MatchingDifference,
            MerchantAccount,
            Payment,
            ProviderNotice,
            Reduction,
            Refund,
        )
        from services.fees.service import SERVICE

        register(SERVICE)
        watch_all(of_row(), Bill)
        watch_all(of_row("fees"), Payment, InvoiceRequest)
        watch_all(of_row("fees"), Refund, LedgerReversal)
        watch_all(of_row("fees", estate="payment.estate_id"), ProviderNotice)
        watch_all(of_row("fees", estate="item.estate_id"), Reduction)
        watch_all(of_row("fees", estate="bill.estate_id"), Dispute, LateFeeWaiver)
        watch_all(of_row("fees", estate="fund.estate_id"), FundLine)
        watch_all(of_row("fees", estate="line.fund.estate_id"), FundQuestion)
        watch_all(everything, MerchantAccount)
        watch_all(of_day, MatchingDay, BankSheet, by_statement=False)
        watch_all(of_difference, MatchingDifference)
