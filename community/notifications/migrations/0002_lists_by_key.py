"""Indexes for the order in which staff read lists."""

from django.conf import settings
from django.db import migrations, models

from community.core.online_indexes import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('notifications', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexOnline(
            model_name='outboxmessage',
            index=models.Index(fields=['-created_at', '-id'], name='outbox_newest_first'),
        ),
    ]
