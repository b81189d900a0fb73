from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("feedback", "0004_move_loose_pictures")]

    operations = [migrations.DeleteModel(name="LoosePicture")]
