from django.db import migrations

from community.core.search.keys import fill, sealed
from community.core.search.names import person_keys


def keys_of(name, *numbers):
    return sealed(person_keys(name, *numbers))


def fill_keys(apps, schema_editor):
    """People and roster lines of before are found by the same keys as new ones."""
    fill(apps, "accounts.User", "person", ("name", "phone"), keys_of)
    fill(apps, "accounts.RosterEntry", "line", ("name", "phone", "landline"), keys_of)


def empty(apps, schema_editor):
    apps.get_model("core", "SearchKey").objects.filter(kind__in=["person", "line"]).delete()


class Migration(migrations.Migration):
    # Many rows: what is written stays, and a second start goes on.
    atomic = False
    dependencies = [
        ("accounts", "0010_roster_without_number"),
        ("core", "0006_search_keys"),
    ]

    operations = [migrations.RunPython(fill_keys, empty)]
