"""Encrypts names of workers."""

from django.db import migrations

from community.core.rotation import encrypt_columns


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("repairs", "0009_encrypted_columns"),
    ]

    operations = [
        encrypt_columns("repairs_repairchange", "worker_name"),
    ]
