from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# Of the group to which an emergency belongs. A flame may be a fire, for which the advice about gas is wrong.
BY_ICON = {"droplet": "water", "bolt": "power", "lift": "lift"}
GAS = ("燃气", "煤气", "天然气")


def name_dangers(apps: StateApps, _schema: BaseDatabaseSchemaEditor) -> None:
    categories = apps.get_model("repairs", "RepairCategory").objects.filter(is_emergency=True, danger="")
    for category in categories.exclude(parent=None).select_related("parent"):
        is_gas = category.parent.name.startswith(GAS)
        category.danger = "gas" if is_gas else BY_ICON.get(category.parent.icon, "")
        category.save(update_fields=["danger"])


class Migration(migrations.Migration):
    dependencies = [("repairs", "0004_drop_own_submissions")]

    operations = [
        migrations.AddField(
            model_name="repaircategory",
            name="danger",
            field=models.CharField(
                blank=True,
                choices=[("water", "water"), ("power", "electricity"), ("gas", "gas"), ("lift", "lift")],
                default="",
                help_text="What the resident is told to do until somebody comes.",
                max_length=10,
                verbose_name="danger",
            ),
        ),
        migrations.RunPython(name_dangers, migrations.RunPython.noop),
    ]
