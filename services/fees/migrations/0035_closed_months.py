"""The database itself refuses ledger rows that are dated in closed days, and changes of signed sheets."""

# ruff: noqa: S608  (constants of this migration)

from django.db import migrations

from community.core.append_only import append_only, in_sql
from services.fees.migrations._closed_months import POSTGRESQL, SQLITE, UNDO_POSTGRESQL, UNDO_SQLITE


class Migration(migrations.Migration):
    dependencies = [("fees", "0034_closing_sheets")]
    operations = [
        in_sql(SQLITE, POSTGRESQL, UNDO_SQLITE, UNDO_POSTGRESQL),
        append_only(
            "signed_sheet",
            ["fees_closingsheet"],
            "a signed sheet is never changed",
            only_if="OLD.status = 'signed'",
        ),
    ]
