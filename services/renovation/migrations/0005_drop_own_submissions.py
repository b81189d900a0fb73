from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("renovation", "0004_submissions_to_common")]

    operations = [migrations.DeleteModel(name="CrewSubmission")]
