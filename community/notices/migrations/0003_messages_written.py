from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notices", "0002_thrown_away")]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="told_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="messages written"),
        ),
    ]
