from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("repairs", "0003_submissions_to_common")]

    operations = [migrations.DeleteModel(name="WorkerSubmission")]
