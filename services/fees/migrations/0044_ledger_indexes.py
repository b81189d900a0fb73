"""Indexes for the list of entries of an estate, and for the few kinds that are looked for alone."""

from django.db import migrations, models

from community.core.online_indexes import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('fees', '0043_ledger_reversals'),
    ]

    operations = [
        AddIndexOnline(
            model_name='ledgertransaction',
            index=models.Index(fields=['estate', '-at', '-id'], name='ledger_of_estate'),
        ),
        AddIndexOnline(
            model_name='ledgertransaction',
            index=models.Index(condition=models.Q(('kind__in', ['shift', 'fee', 'reversal'])), fields=['estate', 'kind', '-at', '-id'], name='ledger_rare_kinds'),
        ),
    ]
