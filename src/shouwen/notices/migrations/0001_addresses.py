import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import shouwen.records.fields


class Migration(migrations.Migration):
    initial = False

    dependencies = [
        ("organization", "0003_workbooks_brought_in"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CompanyFloor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("floor", models.JSONField(default=dict, verbose_name="底线")),
            ],
            options={
                "verbose_name": "公司通知底线",
                "verbose_name_plural": "公司通知底线",
            },
        ),
        migrations.CreateModel(
            name="Gateway",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "last_ok_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="最近一次成功"),
                ),
                (
                    "last_failed_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="最近一次失败"),
                ),
                (
                    "last_error",
                    models.CharField(
                        blank=True, editable=False, max_length=40, verbose_name="失败原因"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("smtp", "邮件服务器"),
                            ("sms", "短信网关"),
                            ("call", "语音网关"),
                            ("wecom_app", "企业微信应用"),
                        ],
                        max_length=20,
                        unique=True,
                        verbose_name="种类",
                    ),
                ),
                (
                    "settings",
                    shouwen.records.fields.EncryptedTextField(
                        blank=True, default="", verbose_name="设置"
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="启用")),
            ],
            options={
                "verbose_name": "发送通道",
                "verbose_name_plural": "发送通道",
            },
        ),
        migrations.CreateModel(
            name="OwnRules",
            fields=[
                (
                    "staff",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="notice_rules",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="员工",
                    ),
                ),
                ("rules", models.JSONField(default=dict, verbose_name="规则")),
            ],
            options={
                "verbose_name": "个人通知规则",
                "verbose_name_plural": "个人通知规则",
            },
        ),
        migrations.CreateModel(
            name="Address",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "last_ok_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="最近一次成功"),
                ),
                (
                    "last_failed_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="最近一次失败"),
                ),
                (
                    "last_error",
                    models.CharField(
                        blank=True, editable=False, max_length=40, verbose_name="失败原因"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("in_app", "站内"),
                            ("email", "邮件"),
                            ("wecom", "企业微信"),
                            ("dingtalk", "钉钉"),
                            ("feishu", "飞书"),
                            ("webhook_sms", "短信"),
                            ("webhook_call", "电话"),
                            ("apprise", "其他服务"),
                        ],
                        max_length=20,
                        verbose_name="渠道",
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=60, verbose_name="名称")),
                (
                    "target",
                    shouwen.records.fields.EncryptedTextField(
                        blank=True, default="", verbose_name="地址"
                    ),
                ),
                ("by_record", models.BooleanField(default=False, editable=False)),
                ("reaches_one", models.BooleanField(default=False, verbose_name="只有本人看得到")),
                ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="添加时间")),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="addresses",
                        to="organization.department",
                        verbose_name="部门",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="addresses",
                        to="organization.project",
                        verbose_name="项目",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="addresses",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="员工",
                    ),
                ),
            ],
            options={
                "verbose_name": "通知地址",
                "verbose_name_plural": "通知地址",
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("department", None), ("project", None), ("staff__isnull", False)
                            ),
                            models.Q(
                                ("department__isnull", False), ("project", None), ("staff", None)
                            ),
                            models.Q(
                                ("department", None), ("project__isnull", False), ("staff", None)
                            ),
                            _connector="OR",
                        ),
                        name="address_of_exactly_one",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("by_record", True)),
                        fields=("staff", "kind"),
                        name="address_by_the_record_once",
                    ),
                ],
            },
        ),
    ]
