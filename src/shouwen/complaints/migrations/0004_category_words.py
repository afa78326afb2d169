from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("complaints", "0003_finding")]

    operations = [
        migrations.AddField(
            model_name="category",
            name="words",
            field=models.JSONField(blank=True, default=list, verbose_name="建议用词"),
        ),
        migrations.AddField(
            model_name="category",
            name="rules_off",
            field=models.JSONField(blank=True, default=list, verbose_name="停用的建议规则"),
        ),
    ]
