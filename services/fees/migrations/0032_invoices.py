# Requests for invoices of paid bills.

import community.core.encryption
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('estates', '0008_tenants_pay'),
        ('fees', '0031_meter_kinds'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='InvoiceRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('personal', 'a person'), ('company', 'a company')], max_length=10, verbose_name='title is of')),
                ('title', community.core.encryption.EncryptedTextField(verbose_name='title')),
                ('tax_number', community.core.encryption.EncryptedTextField(blank=True, verbose_name='tax number')),
                ('email', community.core.encryption.EncryptedTextField(blank=True, verbose_name='e-mail')),
                ('amount_fen', models.PositiveBigIntegerField(verbose_name='amount in fen')),
                ('number', models.CharField(blank=True, max_length=40, verbose_name='number of the invoice')),
                ('stored', models.CharField(blank=True, editable=False, max_length=100)),
                ('ending', models.CharField(blank=True, editable=False, max_length=4)),
                ('status', models.CharField(choices=[('asked', 'asked for'), ('issued', 'issued'), ('refused', 'not issued'), ('withdrawn', 'withdrawn'), ('reversed', 'reversed')], default='asked', max_length=10, verbose_name='state')),
                ('status_changed_at', models.DateTimeField(verbose_name='since')),
                ('created_at', models.DateTimeField(verbose_name='asked for')),
                ('estate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='estates.estate', verbose_name='estate')),
                ('home', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='estates.home', verbose_name='home')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('resident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='resident')),
            ],
            options={
                'verbose_name': 'invoice request',
                'verbose_name_plural': 'invoice requests',
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='InvoiceLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount_fen', models.PositiveIntegerField(verbose_name='amount in fen')),
                ('is_live', models.BooleanField(default=True)),
                ('bill', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fees.bill', verbose_name='bill')),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='fees.invoicerequest')),
            ],
            options={
                'verbose_name': 'line of an invoice request',
                'verbose_name_plural': 'lines of invoice requests',
                'ordering': ['request', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='InvoiceChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_status', models.CharField(blank=True, max_length=20)),
                ('to_status', models.CharField(max_length=20)),
                ('reason', community.core.encryption.EncryptedTextField(blank=True)),
                ('at', models.DateTimeField()),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('on_behalf_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='history', to='fees.invoicerequest')),
            ],
            options={
                'ordering': ['at', 'pk'],
                'abstract': False,
            },
        ),
        migrations.AddIndex(
            model_name='invoicerequest',
            index=models.Index(fields=['estate', '-created_at', '-id'], name='invoice_of_estate'),
        ),
        migrations.AddIndex(
            model_name='invoicerequest',
            index=models.Index(fields=['resident', '-created_at', '-id'], name='invoice_of_resident'),
        ),
        migrations.AddConstraint(
            model_name='invoicerequest',
            constraint=models.CheckConstraint(condition=models.Q(('amount_fen__gt', 0)), name='invoice_positive'),
        ),
        migrations.AddConstraint(
            model_name='invoicerequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['issued', 'reversed']), _negated=True), models.Q(('stored', ''), _negated=True), _connector='OR'), name='invoice_issued_with_file'),
        ),
        migrations.AddConstraint(
            model_name='invoiceline',
            constraint=models.UniqueConstraint(condition=models.Q(('is_live', True)), fields=('bill',), name='bill_invoiced_once'),
        ),
        migrations.AddConstraint(
            model_name='invoiceline',
            constraint=models.CheckConstraint(condition=models.Q(('amount_fen__gt', 0)), name='invoice_line_positive'),
        ),
    ]
