"""Refunds in parts, of payments, prepayments and deposits; deposits; payments moved to another home."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('estates', '0006_fill_search_keys'),
        ('fees', '0027_meters'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Deposit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('fit_out', 'fit-out deposit'), ('door_card', 'door card deposit'), ('parking', 'parking deposit'), ('other', 'other deposit')], max_length=12, verbose_name='kind')),
                ('words', models.CharField(blank=True, max_length=60, verbose_name='for what')),
                ('amount_fen', models.PositiveIntegerField(verbose_name='amount in fen')),
                ('created_at', models.DateTimeField(verbose_name='taken')),
            ],
            options={
                'verbose_name': 'deposit',
                'verbose_name_plural': 'deposits',
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='RefundLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount_fen', models.PositiveIntegerField(verbose_name='amount in fen')),
            ],
            options={
                'verbose_name': 'line of a refund',
                'verbose_name_plural': 'lines of a refund',
                'ordering': ['refund', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='SandboxRefund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=40, unique=True)),
                ('number', models.CharField(max_length=40)),
                ('amount_fen', models.PositiveIntegerField()),
                ('at', models.DateTimeField(db_index=True)),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='account',
            name='account_of_a_home',
        ),
        migrations.RemoveConstraint(
            model_name='account',
            name='account_holds',
        ),
        migrations.RemoveConstraint(
            model_name='payment',
            name='payment_paid_when',
        ),
        migrations.RemoveConstraint(
            model_name='refund',
            name='refund_positive',
        ),
        migrations.AddField(
            model_name='payment',
            name='back_fen',
            field=models.PositiveIntegerField(db_default=0, default=0, verbose_name='paid back in fen'),
        ),
        migrations.AddField(
            model_name='payment',
            name='moved_from',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='moved_to', to='fees.payment', verbose_name='moved from'),
        ),
        migrations.AddField(
            model_name='paymentline',
            name='back_fen',
            field=models.PositiveIntegerField(db_default=0, default=0, verbose_name='paid back in fen'),
        ),
        migrations.AddField(
            model_name='refund',
            name='account',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='fees.account', verbose_name='account'),
        ),
        migrations.AddField(
            model_name='refund',
            name='channel',
            field=models.CharField(default='', max_length=20, verbose_name='way'),
        ),
        migrations.AddField(
            model_name='refund',
            name='estate',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='estates.estate', verbose_name='estate'),
        ),
        migrations.AddField(
            model_name='refund',
            name='home',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='estates.home', verbose_name='home'),
        ),
        migrations.AddField(
            model_name='refund',
            name='kept_fen',
            field=models.PositiveIntegerField(default=0, verbose_name='kept in fen'),
        ),
        migrations.AddField(
            model_name='refund',
            name='kept_item',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fees.feeitem', verbose_name='kept as'),
        ),
        migrations.AddField(
            model_name='refund',
            name='key',
            field=models.UUIDField(blank=True, editable=False, null=True, unique=True),
        ),
        migrations.AddField(
            model_name='refund',
            name='payee_name',
            field=models.CharField(blank=True, max_length=40, verbose_name='received by'),
        ),
        migrations.AddField(
            model_name='refund',
            name='slip_number',
            field=models.CharField(blank=True, max_length=40, verbose_name='number of the slip'),
        ),
        migrations.AlterField(
            model_name='account',
            name='kind',
            field=models.CharField(choices=[('receivable', 'owed by a home'), ('income', 'income of a fee item'), ('cash', 'cash at the counter'), ('bank', 'on its way to the bank'), ('provider', 'held by a payment provider'), ('prepayment', 'prepayment of a home'), ('opening', 'opening balance'), ('over_short', 'cash over or short'), ('deposit', 'deposit of a home')], max_length=12, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='ledgertransaction',
            name='kind',
            field=models.CharField(choices=[('bill', 'bill made'), ('void', 'bill voided'), ('late', 'late fee of a day'), ('lower', 'bill lowered'), ('payment', 'payment'), ('prepaid', 'paid from prepayment'), ('release', 'put back into prepayment'), ('refund', 'refund'), ('opening', 'opening balance'), ('shift', 'difference of a shift'), ('deposit', 'deposit taken'), ('move', 'moved to another home')], max_length=10, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='payment',
            name='status',
            field=models.CharField(choices=[('pending', 'waiting for the money'), ('paid', 'paid'), ('failed', 'not paid'), ('closed', 'given up'), ('partly', 'partly paid back'), ('refunded', 'paid back'), ('moved', 'moved to another home')], default='pending', max_length=20, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='refund',
            name='payment',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='fees.payment', verbose_name='payment'),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('home__isnull', False), ('kind__in', ['receivable', 'prepayment', 'deposit'])), models.Q(models.Q(('kind__in', ['receivable', 'prepayment', 'deposit']), _negated=True), ('home', None)), _connector='OR'), name='account_of_a_home'),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['prepayment', 'deposit']), ('held_fen', 0), _connector='OR'), name='account_holds'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('paid_at__isnull', False), ('status__in', ['paid', 'partly', 'refunded', 'moved'])), models.Q(models.Q(('status__in', ['paid', 'partly', 'refunded', 'moved']), _negated=True), ('paid_at', None)), _connector='OR'), name='payment_paid_when'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('channel', 'moved'), ('moved_from__isnull', False)), models.Q(models.Q(('channel', 'moved'), _negated=True), ('moved_from', None)), _connector='OR'), name='payment_moved_from'),
        ),
        migrations.AddConstraint(
            model_name='paymentline',
            constraint=models.CheckConstraint(condition=models.Q(('back_fen__lte', models.F('applied_fen'))), name='payment_line_back_not_more'),
        ),
        migrations.AddField(
            model_name='deposit',
            name='account',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='deposit', to='fees.account', verbose_name='account'),
        ),
        migrations.AddField(
            model_name='deposit',
            name='estate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='estates.estate', verbose_name='estate'),
        ),
        migrations.AddField(
            model_name='deposit',
            name='home',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deposits', to='estates.home', verbose_name='home'),
        ),
        migrations.AddField(
            model_name='deposit',
            name='payment',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='deposit', to='fees.payment', verbose_name='payment'),
        ),
        migrations.AddField(
            model_name='refund',
            name='deposit',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='fees.deposit', verbose_name='deposit'),
        ),
        migrations.AddIndex(
            model_name='refund',
            index=models.Index(fields=['estate', '-created_at', '-id'], name='refund_of_estate'),
        ),
        migrations.AddIndex(
            model_name='refund',
            index=models.Index(fields=['estate', 'booked_at'], name='refund_booked_on'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('amount_fen__gt', 0), ('kept_fen__gt', 0), _connector='OR'), name='refund_positive'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('account', None), ('deposit', None), ('payment__isnull', False)), models.Q(('account__isnull', False), ('deposit', None), ('payment', None)), models.Q(('account', None), ('deposit__isnull', False), ('payment', None)), _connector='OR'), name='refund_of_one'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kept_fen', 0), ('kept_item', None)), models.Q(('deposit__isnull', False), ('kept_fen__gt', 0), ('kept_item__isnull', False)), _connector='OR'), name='refund_keeps_of_deposit'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'asked')), fields=('payment',), name='refund_waits_once_payment'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'asked')), fields=('account',), name='refund_waits_once_account'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'asked')), fields=('deposit',), name='refund_waits_once_deposit'),
        ),
        migrations.AddField(
            model_name='refundline',
            name='line',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refund_lines', to='fees.paymentline', verbose_name='line of a payment'),
        ),
        migrations.AddField(
            model_name='refundline',
            name='refund',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='fees.refund'),
        ),
        migrations.AddField(
            model_name='sandboxrefund',
            name='order',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='fees.sandboxorder'),
        ),
        migrations.AddIndex(
            model_name='deposit',
            index=models.Index(fields=['estate', '-created_at', '-id'], name='deposit_of_estate'),
        ),
        migrations.AddIndex(
            model_name='deposit',
            index=models.Index(fields=['home', '-created_at'], name='deposit_of_home'),
        ),
        migrations.AddConstraint(
            model_name='deposit',
            constraint=models.CheckConstraint(condition=models.Q(('amount_fen__gt', 0)), name='deposit_positive'),
        ),
        migrations.AddConstraint(
            model_name='refundline',
            constraint=models.UniqueConstraint(fields=('refund', 'line'), name='refund_line_once'),
        ),
        migrations.AddConstraint(
            model_name='refundline',
            constraint=models.CheckConstraint(condition=models.Q(('amount_fen__gt', 0)), name='refund_line_positive'),
        ),
    ]
