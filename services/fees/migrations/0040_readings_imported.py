"""Readings are imported as other sheets are (``estates.ImportRun``): sheets between check and yes are gone."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("fees", "0039_funds")]

    operations = [migrations.DeleteModel(name="ReadingSheet")]
