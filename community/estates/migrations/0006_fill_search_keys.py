from django.db import migrations

from community.core.search.addresses import home_keys
from community.core.search.keys import fill


def fill_keys(apps, schema_editor):
    """Homes of before are found by the same keys as new ones."""
    columns = ("entrance__building__name", "entrance__name", "number")
    fill(apps, "estates.Home", "home", columns, home_keys)


def empty(apps, schema_editor):
    apps.get_model("core", "SearchKey").objects.filter(kind="home").delete()


class Migration(migrations.Migration):
    # Many rows: what is written stays, and a second start goes on.
    atomic = False
    dependencies = [
        ("estates", "0005_hours_over_midnight"),
        ("core", "0006_search_keys"),
    ]

    operations = [migrations.RunPython(fill_keys, empty)]
