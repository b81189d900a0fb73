# Opening balances, and the kind of account and transaction that they have in the books.

import community.core.encryption
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('estates', '0007_home_kind'),
        ('fees', '0022_factors_are_lines'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='account',
            name='kind',
            field=models.CharField(choices=[('receivable', 'owed by a home'), ('income', 'income of a fee item'), ('cash', 'cash at the counter'), ('bank', 'on its way to the bank'), ('provider', 'held by a payment provider'), ('prepayment', 'prepayment of a home'), ('opening', 'opening balance')], max_length=12, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='ledgertransaction',
            name='kind',
            field=models.CharField(choices=[('bill', 'bill made'), ('void', 'bill voided'), ('late', 'late fee of a day'), ('lower', 'bill lowered'), ('payment', 'payment'), ('prepaid', 'paid from prepayment'), ('release', 'put back into prepayment'), ('refund', 'refund'), ('opening', 'opening balance')], max_length=10, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='Opening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('booked', 'in the books'), ('undone', 'undone')], default='booked', max_length=10, verbose_name='state')),
                ('status_changed_at', models.DateTimeField(verbose_name='since')),
                ('created_at', models.DateTimeField(verbose_name='imported')),
                ('bill_count', models.PositiveIntegerField(default=0, verbose_name='bills')),
                ('arrears_fen', models.PositiveBigIntegerField(default=0, verbose_name='arrears in fen')),
                ('prepaid_fen', models.PositiveBigIntegerField(default=0, verbose_name='paid ahead, in fen')),
                ('estate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='estates.estate', verbose_name='estate')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
            ],
            options={
                'verbose_name': 'opening balance',
                'verbose_name_plural': 'opening balances',
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.AddField(
            model_name='bill',
            name='opening',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bills', to='fees.opening'),
        ),
        migrations.CreateModel(
            name='OpeningChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_status', models.CharField(blank=True, max_length=20)),
                ('to_status', models.CharField(max_length=20)),
                ('reason', community.core.encryption.EncryptedTextField(blank=True)),
                ('at', models.DateTimeField()),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('on_behalf_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('opening', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='history', to='fees.opening')),
            ],
            options={
                'ordering': ['at', 'pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='OpeningPrepayment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount_fen', models.PositiveIntegerField(verbose_name='amount in fen')),
                ('home', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='estates.home', verbose_name='home')),
                ('opening', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prepayments', to='fees.opening')),
            ],
            options={
                'verbose_name': 'opening prepayment',
                'verbose_name_plural': 'opening prepayments',
                'ordering': ['opening', 'pk'],
            },
        ),
        migrations.AddIndex(
            model_name='opening',
            index=models.Index(fields=['estate', '-created_at', '-id'], name='opening_newest_first'),
        ),
        migrations.AddConstraint(
            model_name='openingprepayment',
            constraint=models.UniqueConstraint(fields=('opening', 'home'), name='opening_prepayment_once'),
        ),
        migrations.AddConstraint(
            model_name='openingprepayment',
            constraint=models.CheckConstraint(condition=models.Q(('amount_fen__gt', 0)), name='opening_prepayment_positive'),
        ),
    ]
