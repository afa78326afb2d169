from django.db import migrations, models

import shouwen.records.fields


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0002_access"),
    ]

    operations = [
        migrations.CreateModel(
            name="Follower",
            fields=[
                (
                    "name",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="名称"
                    ),
                ),
                ("transaction", shouwen.records.fields.TransactionField(verbose_name="事务号")),
                ("entry_id", models.BigIntegerField(verbose_name="记录编号")),
                ("moved_at", models.DateTimeField(verbose_name="读到此处的时间")),
            ],
            options={
                "verbose_name": "台账跟随者",
                "verbose_name_plural": "台账跟随者",
            },
        ),
    ]
