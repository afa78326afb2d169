"""Personal facts may be put under another key; nothing else of them may change."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from shouwen.records.keeping import REENCIPHER_SQL, REFUSE_SQL


class Migration(migrations.Migration):
    dependencies = [("records", "0003_followers")]

    operations = [
        migrations.RunSQL(
            REENCIPHER_SQL, REFUSE_SQL + "; DROP FUNCTION IF EXISTS records_same_fact()"
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="erasablefact",
            name="erasable_only",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="erasablefact",
            trigger=pgtrigger.compiler.Trigger(
                name="erasable_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="records_refuse('erasing', 'reenciphering')",
                    func="RAISE EXCEPTION 'refused';",
                    hash="c396f574adb608c482073e9872f261b4852c3613",
                    level="STATEMENT",
                    operation="UPDATE OR DELETE OR TRUNCATE",
                    pgid="pgtrigger_erasable_only_ae861",
                    table="records_erasablefact",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="erasablefact",
            trigger=pgtrigger.compiler.Trigger(
                name="same_fact",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="records_same_fact()",
                    func="RAISE EXCEPTION 'refused';",
                    hash="ae995f52e6924167b59cd41882cd3fd8e58bdb22",
                    operation="UPDATE",
                    pgid="pgtrigger_same_fact_7aece",
                    table="records_erasablefact",
                    when="BEFORE",
                ),
            ),
        ),
    ]
