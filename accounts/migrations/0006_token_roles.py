"""A token carries the roles that its owner had when it was made.

Nobody knows which roles the owner of an earlier token had then: it opens what a resident may, and
staff make new ones.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_delegate_feedback")]

    operations = [
        migrations.AddField(
            model_name="apitoken",
            name="role_ids",
            field=models.JSONField(default=list, editable=False, verbose_name="roles"),
        ),
    ]
