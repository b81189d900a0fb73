"""``manage.py check_ledger``: compares the books with bills, payments and prepayments."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from services.fees.models import LedgerTransaction
from services.fees.reconciliation import differences

MAX_SHOWN = 1000


class Command(BaseCommand):
    help = "Print what differs between the books, the bills and the payments; exit with 1 if anything does."

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for difference in differences():
            found += 1
            if found <= MAX_SHOWN:
                self.stdout.write(str(difference))
        if found:
            self.stderr.write(f"{found} differences")
            sys.exit(1)
        self.stdout.write(f"{LedgerTransaction.objects.count()} transactions, all in balance")
