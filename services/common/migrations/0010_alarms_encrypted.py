"""Encrypts title and place of alarms."""

from django.db import migrations

from community.core.rotation import encrypt_columns


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("common", "0009_encrypted_columns"),
    ]

    operations = [
        encrypt_columns("common_alarm", "title", "place"),
    ]
