"""Indexes for the order in which staff read lists."""

from django.conf import settings
from django.db import migrations, models

from community.core.online_indexes import AddIndexOnline, RemoveIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('estates', '0006_fill_search_keys'),
        ('fees', '0011_refunds_booked'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        RemoveIndexOnline(
            model_name='bill',
            name='bill_of_estate',
        ),
        AddIndexOnline(
            model_name='bill',
            index=models.Index(fields=['estate', '-created_at', '-id'], name='bill_by_making'),
        ),
        AddIndexOnline(
            model_name='bill',
            index=models.Index(fields=['-period', '-id'], name='bill_newest_first'),
        ),
        AddIndexOnline(
            model_name='ledgertransaction',
            index=models.Index(fields=['-at', '-id'], name='ledger_newest_first'),
        ),
        AddIndexOnline(
            model_name='payment',
            index=models.Index(fields=['-created_at', '-id'], name='payment_newest_first'),
        ),
    ]
