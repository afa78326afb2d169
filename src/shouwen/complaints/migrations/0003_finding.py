import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0002_next_due"),
        ("organization", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchText",
            fields=[
                (
                    "complaint",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="search",
                        serialize=False,
                        to="complaints.complaint",
                    ),
                ),
                ("text", models.TextField()),
                ("grams", django.contrib.postgres.search.SearchVectorField()),
            ],
        ),
        migrations.RemoveIndex(
            model_name="complaint",
            name="complaint_open",
        ),
        migrations.RemoveIndex(
            model_name="complaint",
            name="complaint_home",
        ),
        migrations.RemoveIndex(
            model_name="complaint",
            name="complaint_first_contact",
        ),
        migrations.RenameIndex(
            model_name="complaint",
            new_name="complaint_project",
            old_name="complaint_newest",
        ),
        migrations.RenameIndex(
            model_name="complaint",
            new_name="complaint_next_due_project",
            old_name="complaint_next_due",
        ),
        migrations.AlterField(
            model_name="complaint",
            name="about",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="complained_about_in",
                to=settings.AUTH_USER_MODEL,
                verbose_name="被投诉人",
            ),
        ),
        migrations.AlterField(
            model_name="complaint",
            name="category",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="complaints",
                to="complaints.category",
                verbose_name="分类",
            ),
        ),
        migrations.AlterField(
            model_name="complaint",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="complaints",
                to="organization.customer",
                verbose_name="客户",
            ),
        ),
        migrations.AlterField(
            model_name="complaint",
            name="first_contact",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="first_contact_of",
                to=settings.AUTH_USER_MODEL,
                verbose_name="首问责任人",
            ),
        ),
        migrations.AlterField(
            model_name="complaint",
            name="group",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="complaints",
                to="complaints.mattergroup",
            ),
        ),
        migrations.AlterField(
            model_name="complaint",
            name="home",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="complaints",
                to="organization.home",
                verbose_name="房屋",
            ),
        ),
        migrations.AlterField(
            model_name="complaint",
            name="manager",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="manager_of",
                to=settings.AUTH_USER_MODEL,
                verbose_name="主管负责人",
            ),
        ),
        migrations.AlterField(
            model_name="complaint",
            name="number",
            field=models.CharField(max_length=32, verbose_name="编号"),
        ),
        migrations.AlterField(
            model_name="complaint",
            name="project",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="complaints",
                to="organization.project",
                verbose_name="项目",
            ),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(fields=["-received_at", "-id"], name="complaint_newest"),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(
                fields=["category", "-received_at", "-id"], name="complaint_category"
            ),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(
                fields=["first_contact", "-received_at", "-id"], name="complaint_first_contact"
            ),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(fields=["home", "-received_at", "-id"], name="complaint_home"),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(
                condition=models.Q(("manager__isnull", False)),
                fields=["manager", "-received_at", "-id"],
                name="complaint_manager",
            ),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(
                condition=models.Q(("about__isnull", False)),
                fields=["about", "-received_at", "-id"],
                name="complaint_about",
            ),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(
                condition=models.Q(("customer__isnull", False)),
                fields=["customer", "-received_at", "-id"],
                name="complaint_customer",
            ),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(
                condition=models.Q(("group__isnull", False)),
                fields=["group", "-received_at", "-id"],
                name="complaint_group",
            ),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(
                condition=models.Q(
                    models.Q(("status__in", ["closed", "merged", "withdrawn"]), _negated=True),
                    ("next_due_at__isnull", False),
                    _connector="OR",
                ),
                fields=["-received_at", "-id"],
                name="complaint_open",
            ),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(
                condition=models.Q(("status__in", ["merged", "withdrawn"])),
                fields=["status", "-received_at", "-id"],
                name="complaint_set_aside",
            ),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(
                condition=models.Q(("urged__gt", 0)),
                fields=["-received_at", "-id"],
                name="complaint_urged",
            ),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(
                condition=models.Q(("satisfaction__lte", 2)),
                fields=["-received_at", "-id"],
                name="complaint_dissatisfied",
            ),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(
                condition=models.Q(
                    ("needs_developer", True), ("with_board", True), _connector="OR"
                ),
                fields=["-received_at", "-id"],
                name="complaint_developer",
            ),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(
                condition=models.Q(("imported", True)),
                fields=["-received_at", "-id"],
                name="complaint_imported",
            ),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(
                condition=models.Q(("severity", "routine"), _negated=True),
                fields=["severity", "-received_at", "-id"],
                name="complaint_severity",
            ),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(
                condition=models.Q(("next_due_at__isnull", False)),
                fields=["next_due_at", "id"],
                name="complaint_next_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="complaint",
            constraint=models.UniqueConstraint(fields=("number",), name="one_complaint_a_number"),
        ),
        migrations.AddIndex(
            model_name="searchtext",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["grams"], name="searchtext_grams", fastupdate=False
            ),
        ),
    ]
