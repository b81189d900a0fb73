"""Encrypts questions, and names and numbers of contacts and foremen."""

from django.db import migrations

from community.core.rotation import encrypt_columns


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("renovation", "0007_encrypted_columns"),
    ]

    operations = [
        encrypt_columns("renovation_projectquestion", "words", "answer"),
        encrypt_columns("renovation_renovationproject", "contact_name", "contact_phone"),
        encrypt_columns("renovation_crew", "foreman", "phone"),
    ]
