"""Encrypts places of calls and names of those who came."""

from django.db import migrations

from community.core.rotation import encrypt_columns


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("help", "0004_encrypted_columns"),
    ]

    operations = [
        encrypt_columns("help_helpchange", "responder_name", "place"),
    ]
