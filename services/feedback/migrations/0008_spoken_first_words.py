import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('feedback', '0007_spoken_messages'),
    ]

    operations = [
        migrations.AlterField(
            model_name='feedbackrecording',
            name='message',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='recordings', to='feedback.feedbackmessage'),
        ),
    ]
