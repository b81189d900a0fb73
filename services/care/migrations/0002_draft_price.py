from typing import Any

from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def keep_prices(apps: Any, schema_editor: Any) -> None:
    """Copies the present price of the service into open drafts."""
    services = apps.get_model("care", "CareService").objects.filter(pk=OuterRef("service"))
    apps.get_model("care", "CareDraft").objects.update(price_fen=Subquery(services.values("price_fen")[:1]))


class Migration(migrations.Migration):
    dependencies = [("care", "0001_initial")]

    operations = [
        migrations.AddField("caredraft", "price_fen", models.PositiveIntegerField(default=0)),
        migrations.RunPython(keep_prices, migrations.RunPython.noop),
        migrations.AlterField("caredraft", "price_fen", models.PositiveIntegerField()),
    ]
