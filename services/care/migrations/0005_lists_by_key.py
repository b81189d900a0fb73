"""Indexes for the order in which staff read lists."""

from django.conf import settings
from django.db import migrations, models

from community.core.online_indexes import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('care', '0004_price_in_yuan'),
        ('common', '0007_early_files'),
        ('estates', '0006_fill_search_keys'),
        ('fees', '0011_refunds_booked'),
        ('scheduling', '0004_services_with_places'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexOnline(
            model_name='carebooking',
            index=models.Index(fields=['estate', '-created_at', '-id'], name='care_by_booking'),
        ),
        AddIndexOnline(
            model_name='carebooking',
            index=models.Index(fields=['-created_at', '-id'], name='care_newest_first'),
        ),
    ]
