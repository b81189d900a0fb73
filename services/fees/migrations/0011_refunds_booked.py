"""Refunds that were made before were booked when they were asked for."""

from django.db import migrations
from django.db.models import F


def copy(apps, schema_editor):
    refunds = apps.get_model("fees", "Refund").objects.using(schema_editor.connection.alias)
    refunds.filter(booked_at=None).exclude(status__in=["asked", "declined"]).update(booked_at=F("created_at"))


class Migration(migrations.Migration):
    dependencies = [("fees", "0010_refund_by_two")]

    operations = [migrations.RunPython(copy, migrations.RunPython.noop)]
