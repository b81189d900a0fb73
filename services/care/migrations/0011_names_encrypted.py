"""Encrypts names of carers and numbers of providers."""

from django.db import migrations

from community.core.rotation import encrypt_columns


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("care", "0010_encrypted_columns"),
    ]

    operations = [
        encrypt_columns("care_carebookingchange", "carer_name"),
        encrypt_columns("care_provider", "phone"),
    ]
