"""Indexes for the order in which staff read lists."""

from django.conf import settings
from django.db import migrations, models

from community.core.online_indexes import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('common', '0007_early_files'),
        ('estates', '0006_fill_search_keys'),
        ('repairs', '0005_repaircategory_danger'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexOnline(
            model_name='repair',
            index=models.Index(fields=['estate', '-created_at', '-id'], name='repair_of_estate'),
        ),
        AddIndexOnline(
            model_name='repair',
            index=models.Index(fields=['-created_at', '-id'], name='repair_newest_first'),
        ),
    ]
