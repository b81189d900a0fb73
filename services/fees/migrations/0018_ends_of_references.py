"""Indexes for looking up a reference by its last four digits."""

from django.conf import settings
from django.db import migrations, models

from community.core.online_indexes import AddIndexOnline
from community.core.search.references import LastFour


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('estates', '0006_fill_search_keys'),
        ('fees', '0017_find_exempt_bills'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexOnline(
            model_name='bill',
            index=models.Index(LastFour('reference'), name='bill_by_end'),
        ),
        AddIndexOnline(
            model_name='payment',
            index=models.Index(LastFour('reference'), name='payment_by_end'),
        ),
    ]
