"""The database itself refuses to replace what stands in the books, or to empty them."""

from django.db import migrations

from community.core.append_only import no_replacing


class Migration(migrations.Migration):
    dependencies = [("fees", "0008_ledger_words")]
    operations = [
        no_replacing(
            "books",
            {"fees_ledgertransaction": ["id", "key"], "fees_entry": ["id"]},
            "the books are append-only",
        )
    ]
