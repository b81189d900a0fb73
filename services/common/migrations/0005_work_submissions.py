import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """One table for what the phones of workers and crews send; two services had one each."""

    dependencies = [
        ("common", "0004_unordered_keys"),
        ("estates", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="WorkSubmission",
            fields=[
                ("key", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "service",
                    models.CharField(
                        choices=[
                            ("repairs", "Repairs"),
                            ("feedback", "Feedback"),
                            ("care", "Elderly care"),
                            ("fees", "Payment"),
                            ("renovation", "Renovation"),
                        ],
                        max_length=20,
                    ),
                ),
                ("reference", models.CharField(max_length=20)),
                ("at", models.DateTimeField()),
                (
                    "estate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="estates.estate"
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
