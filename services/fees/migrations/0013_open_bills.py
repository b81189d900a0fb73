"""An index of the open bills that has everything which the list of arrears adds up."""

from django.conf import settings
from django.db import migrations, models

from community.core.online_indexes import AddIndexOnline, RemoveIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('estates', '0006_fill_search_keys'),
        ('fees', '0012_lists_by_key'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexOnline(
            model_name='bill',
            index=models.Index(
                fields=['estate', 'home', 'due_on', 'period', 'amount_fen', 'paid_fen'],
                condition=models.Q(('status', 'open')),
                name='bill_open',
            ),
        ),
        RemoveIndexOnline(
            model_name='bill',
            name='bill_in_arrears',
        ),
    ]
