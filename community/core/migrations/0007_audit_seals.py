"""Seals of audit records, which the database itself refuses to change, delete or replace."""

from django.db import migrations, models

from community.core.append_only import append_only, no_replacing


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0006_search_keys'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditSeal',
            fields=[
                ('number', models.BigIntegerField(primary_key=True, serialize=False, verbose_name='seal no.')),
                ('at', models.DateTimeField(verbose_name='when')),
                ('hash_name', models.CharField(max_length=20)),
                ('runs', models.JSONField()),
                ('awaited', models.JSONField(default=list)),
                ('up_to', models.BigIntegerField()),
                ('count', models.PositiveIntegerField(verbose_name='records')),
                ('marks', models.BinaryField()),
                ('rows_digest', models.CharField(max_length=128)),
                ('previous', models.CharField(blank=True, max_length=128)),
                ('digest', models.CharField(max_length=128)),
            ],
            options={
                'verbose_name': 'audit seal',
                'verbose_name_plural': 'audit seals',
                'ordering': ['-number'],
            },
        ),
        migrations.CreateModel(
            name='SealSent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.CharField(max_length=200, unique=True)),
                ('number', models.BigIntegerField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'sent seal',
                'verbose_name_plural': 'sent seals',
                'ordering': ['place'],
            },
        ),
        append_only("audit_seal", ["core_auditseal"], "audit seals are append-only"),
        no_replacing("audit_seal", {"core_auditseal": ["number"]}, "audit seals are append-only"),
    ]
