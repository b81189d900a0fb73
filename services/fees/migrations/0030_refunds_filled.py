"""The columns that the migration before has filled may not be empty any more."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("estates", "0006_fill_search_keys"), ("fees", "0029_fill_refunds")]

    operations = [
        migrations.RemoveField(
            model_name='sandboxorder',
            name='refunded_at',
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('back_fen', models.F('amount_fen')), ('status__in', ['refunded', 'moved'])), models.Q(('back_fen__gt', 0), ('back_fen__lt', models.F('amount_fen')), ('status', 'partly')), models.Q(models.Q(('status__in', ['partly', 'refunded', 'moved']), _negated=True), ('back_fen', 0)), _connector='OR'), name='payment_back_as_it_says'),
        ),
        migrations.AlterField(
            model_name="refund",
            name="channel",
            field=models.CharField(max_length=20, verbose_name="way"),
        ),
        migrations.AlterField(
            model_name="refund",
            name="estate",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="estates.estate",
                verbose_name="estate",
            ),
        ),
        migrations.AlterField(
            model_name="refund",
            name="home",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="refunds",
                to="estates.home",
                verbose_name="home",
            ),
        ),
    ]
