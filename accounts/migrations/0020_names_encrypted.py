"""Encrypts names and years of birth, and fills the blind indexes of names."""

from typing import Any

from django.db import migrations, models
from django.db.models import TextField, Value
from django.db.models.functions import Concat

from community.core.rotation import encrypt_columns, fill_index


def forget_names(apps: Any, _editor: Any) -> None:
    """Takes the words of rows out of Django's log of the admin."""
    log = apps.get_model("admin", "logentry").objects
    log.update(object_repr=Concat(Value("#"), "object_id", output_field=TextField()))
    log.filter(change_message__contains='"object"').update(change_message="")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0019_encrypted_columns"),
        ("admin", "0003_logentry_add_action_flag_choices"),
    ]

    operations = [
        migrations.RunPython(forget_names, migrations.RunPython.noop),
        fill_index("accounts_user", "name_index", of="name"),
        fill_index("accounts_rosterentry", "name_index", of="name"),
        encrypt_columns("accounts_user", "name"),
        encrypt_columns("accounts_rosterentry", "name", "birth_year"),
        migrations.AddConstraint(
            model_name="rosterentry",
            constraint=models.UniqueConstraint(
                fields=("home", "phone_index", "name_index"), name="roster_person_once_a_home"
            ),
        ),
    ]
