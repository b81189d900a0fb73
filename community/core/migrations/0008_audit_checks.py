"""Checks of the audit record, which the database itself refuses to change, delete or replace."""

from django.db import migrations, models

from community.core.append_only import append_only, no_replacing


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0007_audit_seals'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='when')),
                ('seals', models.BigIntegerField(verbose_name='audit seals')),
                ('problems', models.PositiveIntegerField()),
            ],
            options={
                'verbose_name': 'check of the audit record',
                'verbose_name_plural': 'checks of the audit record',
                'ordering': ['-pk'],
            },
        ),
        append_only("audit_check", ["core_auditcheck"], "audit checks are append-only"),
        no_replacing("audit_check", {"core_auditcheck": ["id"]}, "audit checks are append-only"),
    ]
