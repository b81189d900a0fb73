from django.db import migrations


def end_lines(apps, schema_editor):
    """A home that was left is not given back by the line that still names the person."""
    Residency = apps.get_model("accounts", "Residency")
    RosterEntry = apps.get_model("accounts", "RosterEntry")
    living = set(
        Residency.objects.filter(status__in=["requested", "active"]).values_list("user_id", "home_id")
    )
    ended = Residency.objects.filter(status="ended").exclude(user__phone_index=None)
    # Of several stays the last one counts.
    rows = ended.order_by("status_changed_at").values_list(
        "user_id", "home_id", "user__phone_index", "status_changed_at"
    )
    for user, home, phone_index, left_at in rows.iterator():
        if (user, home) not in living:
            RosterEntry.objects.filter(home_id=home, phone_index=phone_index).update(ended_at=left_at)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_roster_and_moves")]

    operations = [migrations.RunPython(end_lines, migrations.RunPython.noop)]
