"""A property company becomes a row of its own; the typed names become rows in the next migration."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("estates", "0008_tenants_pay")]

    operations = [
        migrations.CreateModel(
            name="PropertyCompany",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="name")),
                ("credit_code", models.CharField(blank=True, max_length=18, verbose_name="unified social credit code")),
            ],
            options={
                "verbose_name": "property company",
                "verbose_name_plural": "property companies",
                "ordering": ["name"],
            },
        ),
        migrations.RenameField("estate", "company", "company_typed"),
        migrations.AddField(
            "estate",
            "company",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="estates",
                to="estates.propertycompany",
                verbose_name="property company",
            ),
        ),
    ]
