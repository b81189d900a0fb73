"""Makes a property company of each name that was typed, and types it again on the way back."""

from typing import Any

from django.db import migrations


def make_rows(apps: Any, schema_editor: Any) -> None:
    estates = apps.get_model("estates", "Estate").objects
    companies = apps.get_model("estates", "PropertyCompany").objects
    for typed in estates.exclude(company_typed="").order_by().values_list("company_typed", flat=True).distinct():
        company, _is_new = companies.get_or_create(name=" ".join(typed.split()))
        estates.filter(company_typed=typed).update(company=company)


def type_again(apps: Any, schema_editor: Any) -> None:
    for company in apps.get_model("estates", "PropertyCompany").objects.all():
        company.estates.update(company_typed=company.name)


class Migration(migrations.Migration):
    dependencies = [("estates", "0009_property_companies")]

    operations = [migrations.RunPython(make_rows, type_again)]
