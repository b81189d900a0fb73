"""Indexes for looking up a reference by its last four digits."""

from django.conf import settings
from django.db import migrations, models

from community.core.online_indexes import AddIndexOnline
from community.core.search.references import LastFour


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('common', '0008_satisfaction_recordings'),
        ('estates', '0006_fill_search_keys'),
        ('fees', '0017_find_exempt_bills'),
        ('repairs', '0007_agreed_price'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexOnline(
            model_name='repair',
            index=models.Index(
                LastFour('reference'),
                models.OrderBy(models.F('created_at'), descending=True),
                models.OrderBy(models.F('id'), descending=True),
                name='repair_by_end',
            ),
        ),
    ]
