from uuid import uuid4

from django.db import migrations


def move(apps, schema_editor):
    """Moves the pictures of pages that are open now."""
    early_file = apps.get_model("common", "EarlyFile")
    early_file.objects.bulk_create(
        early_file(
            id=old.pk, page=uuid4(), kind="picture", name=old.key, width=old.width, height=old.height, at=old.at
        )
        for old in apps.get_model("feedback", "LoosePicture").objects.all()
    )


def move_back(apps, schema_editor):
    loose = apps.get_model("feedback", "LoosePicture")
    early = apps.get_model("common", "EarlyFile").objects.filter(kind="picture")
    loose.objects.bulk_create(
        loose(id=row.pk, key=row.name, width=row.width, height=row.height, at=row.at) for row in early
    )
    early.delete()


class Migration(migrations.Migration):
    dependencies = [("common", "0007_early_files"), ("feedback", "0003_message_keys")]

    operations = [migrations.RunPython(move, move_back)]
