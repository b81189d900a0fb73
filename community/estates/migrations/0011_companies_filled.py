from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("estates", "0010_fill_companies")]

    operations = [migrations.RemoveField("estate", "company_typed")]
