"""The database itself refuses to replace an audit record, or to empty their table."""

from django.db import migrations

from community.core.append_only import no_replacing


class Migration(migrations.Migration):
    dependencies = [("core", "0002_audit_append_only")]
    operations = [no_replacing("audit", {"core_auditrecord": ["id"]}, "audit records are append-only")]
