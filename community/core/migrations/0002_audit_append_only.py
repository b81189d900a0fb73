"""The database itself refuses to change or delete an audit record."""

from django.db import migrations

from community.core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [append_only("audit", ["core_auditrecord"], "audit records are append-only")]
