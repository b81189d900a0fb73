"""The checks against closed months cost the same however many transactions there are."""

from django.db import migrations

from community.core.append_only import in_sql
from services.fees.migrations._closed_months import REFUSE_ENTRY, REFUSE_TRANSACTION


class Migration(migrations.Migration):
    dependencies = [("fees", "0047_names_encrypted")]
    operations = [
        in_sql([], [f"CREATE OR REPLACE FUNCTION {one}" for one in (REFUSE_TRANSACTION, REFUSE_ENTRY)], [], [])
    ]
