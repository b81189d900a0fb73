from django.db import migrations, models


def accept_what_was_given(apps, schema_editor):
    """Delegations given so far were in force at once: they stay so."""
    delegations = apps.get_model('accounts', 'Delegation').objects
    delegations.filter(accepted_at=None).update(accepted_at=models.F('created_at'))


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='delegation',
            name='accepted_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(accept_what_was_given, migrations.RunPython.noop),
    ]
