"""The database itself refuses to empty the table of signed sheets, or to replace one."""

from django.db import migrations

from community.core.append_only import no_replacing


class Migration(migrations.Migration):
    dependencies = [("fees", "0044_ledger_indexes")]
    operations = [
        no_replacing("signed_sheet", {"fees_closingsheet": ["id"]}, "a signed sheet is never changed"),
    ]
