import django.db.models.deletion
from django.db import migrations, models

import community.core.encryption


class Migration(migrations.Migration):
    dependencies = [("estates", "0003_import_runs")]

    operations = [
        migrations.AddField(
            model_name="importrun",
            name="file_name",
            field=community.core.encryption.EncryptedTextField(blank=True, default="", verbose_name="file"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="importrun",
            name="journal",
            field=community.core.encryption.EncryptedTextField(blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="importrun",
            name="written_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="imported"),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="status",
            field=models.CharField(
                choices=[
                    ("reading", "being read"),
                    ("asking", "waiting for answers"),
                    ("ready", "waiting for a yes"),
                    ("wrong", "to be corrected"),
                    ("writing", "being imported"),
                    ("done", "imported"),
                    ("failed", "broken off"),
                    ("undoing", "being undone"),
                    ("undone", "undone"),
                ],
                default="reading",
                max_length=20,
                verbose_name="state",
            ),
        ),
        migrations.CreateModel(
            name="SheetWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "group",
                    models.CharField(choices=[("column", "column"), ("building", "building")], max_length=10),
                ),
                ("kind", models.CharField(blank=True, max_length=60)),
                ("written", models.CharField(max_length=60)),
                ("meant", models.CharField(blank=True, max_length=60)),
                (
                    "estate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="estates.estate",
                        verbose_name="estate",
                    ),
                ),
            ],
            options={
                "verbose_name": "word of a sheet",
                "verbose_name_plural": "words of sheets",
                "ordering": ["estate", "group", "kind", "written"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("estate", "group", "kind", "written"), name="sheet_word_once"
                    )
                ],
            },
        ),
    ]
