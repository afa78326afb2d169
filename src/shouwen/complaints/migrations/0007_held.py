"""A complaint may be held for a dispute."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0006_found_by"),
    ]

    operations = [
        migrations.AddField(
            model_name="complaint",
            name="held",
            field=models.BooleanField(default=False, verbose_name="证据保全"),
        ),
    ]
