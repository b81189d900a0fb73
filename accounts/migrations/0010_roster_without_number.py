from django.db import migrations, models

import community.core.encryption


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_end_lines_of_those_who_left")]

    operations = [
        migrations.AlterField(
            model_name="rosterentry",
            name="phone",
            field=community.core.encryption.EncryptedTextField(blank=True, verbose_name="mobile number"),
        ),
        migrations.AddField(
            model_name="rosterentry",
            name="landline",
            field=community.core.encryption.EncryptedTextField(
                blank=True, default="", verbose_name="landline"
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="rosterentry",
            constraint=models.UniqueConstraint(
                fields=("home", "phone_index", "name"), name="roster_person_once_a_home"
            ),
        ),
        migrations.RemoveConstraint(model_name="rosterentry", name="roster_number_once_a_home"),
    ]
