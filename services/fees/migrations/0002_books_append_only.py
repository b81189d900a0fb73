"""The database itself refuses to change or delete what stands in the books."""

from django.db import migrations

from community.core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("fees", "0001_initial")]
    operations = [
        append_only("books", ["fees_ledgertransaction", "fees_entry"], "the books are append-only")
    ]
