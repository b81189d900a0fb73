from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_delegation_accepted")]

    operations = [
        migrations.AlterField(
            model_name="delegation",
            name="service",
            field=models.CharField(
                choices=[
                    ("repairs", "repairs"),
                    ("fees", "fees"),
                    ("care", "care"),
                    ("renovation", "renovation"),
                    ("settings", "large type and language"),
                ],
                max_length=20,
            ),
        ),
    ]
