"""Encrypts the parameters of messages."""

from django.db import migrations

from community.core.rotation import encrypt_columns


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("notifications", "0003_encrypted_columns"),
    ]

    operations = [
        encrypt_columns("notifications_outboxmessage", "params"),
        encrypt_columns("notifications_inboxnotice", "params"),
    ]
