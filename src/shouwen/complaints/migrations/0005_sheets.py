from django.db import migrations, models

# What happens seldom and is asked for by its time: `morning.GRAVE_EVENTS`, urging, attempted visits.
# On a table of the room above, which knows nothing of these kinds; other entries do not touch it.
EVENTS = """
CREATE INDEX complaint_events ON records_entry (project_id, occurred_at)
WHERE subject_type = 'complaint' AND kind IN (
    'alerted', 'arrived', 'controlled', 'escalated_to_board', 'escalated_to_company', 'reopened',
    'taken_in_charge', 'urged', 'visit_attempted'
)
"""


class Migration(migrations.Migration):
    dependencies = [("complaints", "0004_category_words"), ("records", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(
                fields=["-received_at", "-id"],
                condition=models.Q(
                    ("visit_attempts__gt", 0),
                    models.Q(("status__in", ["closed", "merged", "withdrawn"]), _negated=True),
                ),
                name="complaint_unreached",
            ),
        ),
        migrations.RunSQL(EVENTS, "DROP INDEX complaint_events"),
    ]
