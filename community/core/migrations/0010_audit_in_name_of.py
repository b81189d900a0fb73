from django.db import migrations, models
from django.db.models import F, Q

from community.core.online_indexes import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("core", "0009_retention_report")]

    operations = [
        AddIndexOnline(
            model_name="auditrecord",
            index=models.Index(
                F("detail__person"),
                F("at").desc(),
                F("id").desc(),
                condition=Q(action="on_behalf"),
                name="audit_in_name_of",
            ),
        ),
    ]
