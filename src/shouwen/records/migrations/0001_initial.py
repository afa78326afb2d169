import uuid

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import shouwen.records.fields
from shouwen.records.keeping import DROP_REFUSE_SQL, REFUSE_SQL


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL(REFUSE_SQL, DROP_REFUSE_SQL),
        migrations.CreateModel(
            name="Seal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.IntegerField(unique=True, verbose_name="序号")),
                ("sealed_at", models.DateTimeField(verbose_name="封存时间")),
                ("leaf_count", models.IntegerField(verbose_name="叶数")),
                ("root", models.BinaryField(verbose_name="默克尔根")),
                ("previous_hash", models.BinaryField(verbose_name="上一封存哈希")),
                ("hash", models.BinaryField(verbose_name="哈希")),
            ],
            options={
                "verbose_name": "封存",
                "verbose_name_plural": "封存",
            },
        ),
        migrations.CreateModel(
            name="SealLeaf",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.IntegerField(verbose_name="位置")),
                (
                    "subject_type",
                    models.CharField(db_collation="C", max_length=40, verbose_name="对象类型"),
                ),
                ("subject_id", models.BigIntegerField(verbose_name="对象编号")),
                ("number", models.IntegerField(verbose_name="序号")),
                ("hash", models.BinaryField(verbose_name="哈希")),
            ],
            options={
                "verbose_name": "封存叶",
                "verbose_name_plural": "封存叶",
            },
        ),
        migrations.CreateModel(
            name="Chain",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "subject_type",
                    models.CharField(db_collation="C", max_length=40, verbose_name="对象类型"),
                ),
                ("subject_id", models.BigIntegerField(verbose_name="对象编号")),
                ("project_id", models.BigIntegerField(verbose_name="项目编号")),
                ("head_number", models.IntegerField(default=0, verbose_name="末条序号")),
                (
                    "head_hash",
                    models.BinaryField(
                        default=b"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
                        verbose_name="末条哈希",
                    ),
                ),
                ("head_recorded_at", models.DateTimeField(null=True, verbose_name="末条记录时间")),
            ],
            options={
                "verbose_name": "记录链",
                "verbose_name_plural": "记录链",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("subject_type", "subject_id"), name="records_chain_subject"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "subject_type",
                    models.CharField(db_collation="C", max_length=40, verbose_name="对象类型"),
                ),
                ("subject_id", models.BigIntegerField(verbose_name="对象编号")),
                ("project_id", models.BigIntegerField(verbose_name="项目编号")),
                ("number", models.IntegerField(verbose_name="序号")),
                ("kind", models.CharField(max_length=60, verbose_name="种类")),
                ("occurred_at", models.DateTimeField(verbose_name="发生时间")),
                ("recorded_at", models.DateTimeField(verbose_name="记录时间")),
                ("actor_id", models.BigIntegerField(null=True, verbose_name="经办人编号")),
                ("acting_for_id", models.BigIntegerField(null=True, verbose_name="代何人办理")),
                ("facts", models.JSONField(default=dict, verbose_name="事实")),
                ("digests", models.JSONField(default=dict, verbose_name="摘要")),
                ("previous_hash", models.BinaryField(verbose_name="上一条哈希")),
                ("hash", models.BinaryField(verbose_name="哈希")),
                (
                    "transaction",
                    shouwen.records.fields.TransactionField(
                        db_default=shouwen.records.fields.CurrentTransaction(),
                        editable=False,
                        verbose_name="事务号",
                    ),
                ),
                (
                    "chain",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="records.chain",
                    ),
                ),
            ],
            options={
                "verbose_name": "台账记录",
                "verbose_name_plural": "台账记录",
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "subject_type",
                    models.CharField(db_collation="C", max_length=40, verbose_name="对象类型"),
                ),
                ("subject_id", models.BigIntegerField(verbose_name="对象编号")),
                ("project_id", models.BigIntegerField(verbose_name="项目编号")),
                ("name", models.CharField(max_length=200, verbose_name="文件名")),
                ("content_type", models.CharField(max_length=100, verbose_name="类型")),
                ("size", models.BigIntegerField(verbose_name="字节数")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("extension", models.CharField(max_length=8, verbose_name="扩展名")),
                ("actor_id", models.BigIntegerField(null=True, verbose_name="经办人编号")),
                ("stored_at", models.DateTimeField(verbose_name="存入时间")),
                ("erased_at", models.DateTimeField(null=True, verbose_name="删除时间")),
                (
                    "entry",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="records.entry",
                    ),
                ),
            ],
            options={
                "verbose_name": "附件",
                "verbose_name_plural": "附件",
            },
        ),
        migrations.CreateModel(
            name="ErasableFact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="名称")),
                ("salt", models.BinaryField(verbose_name="盐")),
                ("text", models.TextField(null=True, verbose_name="文字")),
                ("ciphertext", models.TextField(null=True, verbose_name="密文")),
                (
                    "entry",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="records.entry",
                    ),
                ),
            ],
            options={
                "verbose_name": "可删除的内容",
                "verbose_name_plural": "可删除的内容",
            },
        ),
        migrations.CreateModel(
            name="Request",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=200, verbose_name="幂等键")),
                ("actor_id", models.BigIntegerField(null=True, verbose_name="经办人编号")),
                ("fingerprint", models.CharField(max_length=64, verbose_name="请求指纹")),
                ("result", models.JSONField(verbose_name="结果")),
                ("recorded_at", models.DateTimeField(verbose_name="记录时间")),
            ],
            options={
                "verbose_name": "请求",
                "verbose_name_plural": "请求",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("key", "actor_id"), name="records_request_key", nulls_distinct=False
                    )
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="seal",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="records_refuse()",
                    func="RAISE EXCEPTION 'refused';",
                    hash="80c4b309bbb8c64c085378b1ebf0c3e318a58737",
                    level="STATEMENT",
                    operation="UPDATE OR DELETE OR TRUNCATE",
                    pgid="pgtrigger_append_only_7bdeb",
                    table="records_seal",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="sealleaf",
            name="seal",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="leaves",
                to="records.seal",
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["transaction", "id"], name="records_entry_follow"),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(
                fields=("subject_type", "subject_id", "number"), name="records_entry_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(("occurred_at__lte", models.F("recorded_at"))),
                name="records_entry_occurred_first",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="entry",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="records_refuse()",
                    func="RAISE EXCEPTION 'refused';",
                    hash="e5c2920e5ba17d4c2aa064c653058a4bd23b1d7a",
                    level="STATEMENT",
                    operation="UPDATE OR DELETE OR TRUNCATE",
                    pgid="pgtrigger_append_only_ec9f0",
                    table="records_entry",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="attachment",
            index=models.Index(
                fields=["subject_type", "subject_id"], name="records_attachment_subject"
            ),
        ),
        migrations.AddConstraint(
            model_name="erasablefact",
            constraint=models.UniqueConstraint(fields=("entry", "name"), name="records_fact_name"),
        ),
        migrations.AddConstraint(
            model_name="erasablefact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("text__isnull", True), ("ciphertext__isnull", True), _connector="XOR"
                ),
                name="records_fact_text_or_ciphertext",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="erasablefact",
            trigger=pgtrigger.compiler.Trigger(
                name="erasable_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="records_refuse('erasing')",
                    func="RAISE EXCEPTION 'refused';",
                    hash="9d4ab4e0cc1159fa4a661b85ed9c56512e643bab",
                    level="STATEMENT",
                    operation="UPDATE OR DELETE OR TRUNCATE",
                    pgid="pgtrigger_erasable_only_ae861",
                    table="records_erasablefact",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="sealleaf",
            index=models.Index(
                fields=["subject_type", "subject_id", "number"], name="records_leaf_subject"
            ),
        ),
        migrations.AddConstraint(
            model_name="sealleaf",
            constraint=models.UniqueConstraint(
                fields=("seal", "position"), name="records_leaf_position"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="sealleaf",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="records_refuse()",
                    func="RAISE EXCEPTION 'refused';",
                    hash="09ac4ce86f38c2b29f91a39da222ace2b95ca32e",
                    level="STATEMENT",
                    operation="UPDATE OR DELETE OR TRUNCATE",
                    pgid="pgtrigger_append_only_a449e",
                    table="records_sealleaf",
                    when="BEFORE",
                ),
            ),
        ),
    ]
