"""An index of the few rows of the books that belong to a shift of a till."""

from django.conf import settings
from django.db import migrations, models

from community.core.online_indexes import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('fees', '0024_shifts_and_receipts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexOnline(
            model_name='ledgertransaction',
            index=models.Index(
                condition=models.Q(('shift', None), _negated=True), fields=['shift'], name='ledger_of_shift'
            ),
        ),
    ]
