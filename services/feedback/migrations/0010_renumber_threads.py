from typing import Any

from django.db import migrations

from community.core.keys import unordered_key

STEPS, MESSAGES = "feedback_feedbackchange", "feedback_feedbackmessage"
POINTING = ("feedback_feedbackpicture", "feedback_feedbackrecording")
BATCH = 1000


def renumber(apps: Any, schema_editor: Any) -> None:
    """Counts the rows within their threads, then gives each a random key: the old ones stood in their order."""
    with schema_editor.connection.cursor() as cursor:
        for table in (STEPS, MESSAGES):
            cursor.execute(
                f"UPDATE {table} SET position = (SELECT COUNT(*) FROM {table} earlier"  # noqa: S608
                f" WHERE earlier.feedback_id = {table}.feedback_id AND earlier.id < {table}.id)"
            )
            cursor.execute(f"SELECT id FROM {table}")  # noqa: S608
            pairs = [(unordered_key(), old) for (old,) in cursor.fetchall()]
            for start in range(0, len(pairs), BATCH):
                some = pairs[start : start + BATCH]
                cursor.executemany(f"UPDATE {table} SET id = %s WHERE id = %s", some)  # noqa: S608
                for pointing in POINTING if table == MESSAGES else ():
                    cursor.executemany(f"UPDATE {pointing} SET message_id = %s WHERE message_id = %s", some)  # noqa: S608


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0009_unordered_threads"),
    ]

    operations = [migrations.RunPython(renumber, migrations.RunPython.noop)]
