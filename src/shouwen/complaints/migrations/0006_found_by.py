from django.db import migrations, models
from django.db.models.functions import Upper

from shouwen.complaints import search_text

NEXT_DUE = """
UPDATE complaints_complaint AS complaint SET next_due_at = clock.due_at
FROM (
    SELECT subject_id, min(due_at) AS due_at FROM clocks_clockrow
    WHERE subject_type = 'complaint' AND state = 'running' GROUP BY subject_id
) AS clock
WHERE clock.subject_id = complaint.id
"""
BATCH = 500


def write_search_texts(apps, schema_editor):
    """What the complaints that are there already are found by."""
    found = apps.get_model("complaints", "Complaint").objects.order_by("pk")
    found = found.select_related("category__parent", "home")
    facts = apps.get_model("records", "ErasableFact").objects.filter(
        entry__subject_type="complaint", text__isnull=False
    )
    last = 0
    while page := list(found.filter(pk__gt=last)[:BATCH]):
        said: dict[int, list[tuple[int, dict[str, str]]]] = {row.pk: [] for row in page}
        told = facts.filter(entry__subject_id__in=said).exclude(entry__kind="erased")
        for pk, number, name, text in told.order_by("entry__number").values_list(
            "entry__subject_id", "entry__number", "name", "text"
        ):
            if not said[pk] or said[pk][-1][0] != number:
                said[pk].append((number, {}))
            said[pk][-1][1][name] = text
        search_text.begin(
            (complaint, [texts for number, texts in said[complaint.pk]]) for complaint in page
        )
        last = page[-1].pk


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0005_sheets"),
        ("clocks", "0001_initial"),
        ("records", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(
                models.F("project"),
                Upper("place"),
                models.OrderBy(models.F("received_at"), descending=True),
                condition=models.Q(("place", ""), _negated=True),
                name="complaint_place",
            ),
        ),
        migrations.RunSQL(NEXT_DUE, migrations.RunSQL.noop),
        migrations.RunPython(write_search_texts, migrations.RunPython.noop),
    ]
