"""Forms handed over to the family before they were sent."""

import community.core.encryption
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0013_family_invitations'),
    ]

    operations = [
        migrations.CreateModel(
            name='HandedForm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('service', models.CharField(max_length=20)),
                ('address', models.CharField(max_length=200)),
                ('typed', community.core.encryption.EncryptedTextField()),
                ('created_at', models.DateTimeField()),
                ('delegate', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('resident', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at', '-pk'],
                'indexes': [models.Index(fields=['created_at'], name='handed_form_by_age')],
                'constraints': [models.UniqueConstraint(fields=('resident', 'delegate', 'address'), name='handed_form_once')],
            },
        ),
    ]
