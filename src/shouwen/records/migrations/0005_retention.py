"""Periods for which data is kept; old notes of the access log may go, by their owner alone."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from shouwen.records.keeping import DROP_EXPIRE_SQL, EXPIRE_SQL


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0004_reenciphering"),
    ]

    operations = [
        migrations.RunSQL(EXPIRE_SQL, DROP_EXPIRE_SQL),
        migrations.CreateModel(
            name="Retention",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=40, unique=True, verbose_name="种类")),
                ("days", models.PositiveIntegerField(null=True, verbose_name="保存天数")),
            ],
            options={
                "verbose_name": "保存期限",
                "verbose_name_plural": "保存期限",
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="access",
            name="append_only",
        ),
        migrations.AddIndex(
            model_name="access",
            index=models.Index(fields=["project_id", "-at"], name="records_access_project"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="access",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="records_refuse('expiring')",
                    func="RAISE EXCEPTION 'refused';",
                    hash="5429ea015e96a14b9393c45ff64aee41b45eb439",
                    level="STATEMENT",
                    operation="UPDATE OR DELETE OR TRUNCATE",
                    pgid="pgtrigger_append_only_7cd99",
                    table="records_access",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="access",
            trigger=pgtrigger.compiler.Trigger(
                name="old_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="records_old_only('180')",
                    func="RAISE EXCEPTION 'refused';",
                    hash="7a29c5e57dc15199df8937fcebff18f4423e3af4",
                    operation="DELETE",
                    pgid="pgtrigger_old_only_e852d",
                    table="records_access",
                    when="BEFORE",
                ),
            ),
        ),
    ]
