"""Cash goes back only when a second person has agreed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("fees", "0009_books_no_replacing"),
    ]

    operations = [
        migrations.AddField(
            model_name="refund",
            name="approved_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="agreed to by",
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="booked_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="written into the books"),
        ),
        migrations.AlterField(
            model_name="refund",
            name="status",
            field=models.CharField(
                choices=[
                    ("asked", "waiting for a second person"),
                    ("declined", "not agreed to"),
                    ("pending", "on its way back"),
                    ("done", "paid back"),
                    ("failed", "could not be paid back"),
                ],
                default="pending",
                max_length=20,
                verbose_name="state",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by", None),
                    models.Q(("approved_by", models.F("made_by")), _negated=True),
                    _connector="OR",
                ),
                name="refund_by_two",
            ),
        ),
    ]
