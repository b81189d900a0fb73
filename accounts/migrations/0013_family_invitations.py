"""Invitations of relatives by a link."""

import accounts.models.consents
import community.core.encryption
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0012_delegable_services'),
    ]

    operations = [
        migrations.CreateModel(
            name='FamilyInvitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('relation', models.CharField(blank=True, max_length=20)),
                ('services', models.JSONField(default=list)),
                ('nonce', models.CharField(default=accounts.models.consents.new_nonce, editable=False, max_length=32)),
                ('status', models.CharField(choices=[('open', 'not answered'), ('taken', "waiting for the resident's yes"), ('confirmed', 'confirmed'), ('dropped', 'withdrawn')], default='open', max_length=20)),
                ('status_changed_at', models.DateTimeField()),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('delegate', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('resident', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='family_invitations', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'family invitation',
                'verbose_name_plural': 'family invitations',
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='FamilyInvitationChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_status', models.CharField(blank=True, max_length=20)),
                ('to_status', models.CharField(max_length=20)),
                ('reason', community.core.encryption.EncryptedTextField(blank=True)),
                ('at', models.DateTimeField()),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('invitation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='history', to='accounts.familyinvitation')),
                ('on_behalf_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['at', 'pk'],
                'abstract': False,
            },
        ),
        migrations.AddConstraint(
            model_name='familyinvitation',
            constraint=models.CheckConstraint(condition=models.Q(('delegate', None), models.Q(('delegate', models.F('resident')), _negated=True), _connector='OR'), name='invitation_to_another'),
        ),
        migrations.AddConstraint(
            model_name='familyinvitation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['taken', 'confirmed']), _negated=True), ('delegate__isnull', False), _connector='OR'), name='invitation_taken_by_somebody'),
        ),
    ]
