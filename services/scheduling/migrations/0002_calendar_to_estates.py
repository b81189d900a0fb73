from django.db import migrations


def _copy(source, target):
    """Every row of one table into the other."""
    names = [field.attname for field in source._meta.fields]
    target.objects.bulk_create([target(**row) for row in source.objects.values(*names)])


def to_estates(apps, schema_editor):
    _copy(apps.get_model("scheduling", "CalendarDay"), apps.get_model("estates", "CalendarDay"))


def back(apps, schema_editor):
    _copy(apps.get_model("estates", "CalendarDay"), apps.get_model("scheduling", "CalendarDay"))


class Migration(migrations.Migration):
    """The calendar lies below everything that keeps hours, the desk's too."""

    dependencies = [("scheduling", "0001_initial"), ("estates", "0002_calendar_day")]

    operations = [
        migrations.RunPython(to_estates, back),
        migrations.DeleteModel("CalendarDay"),
    ]
