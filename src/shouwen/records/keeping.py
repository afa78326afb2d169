"""The database's own guard over what must stay as it was written."""

import pgtrigger
from django.db import models

# Not pgtrigger's own function: that one can be told by a session setting to look away.
# A trigger that calls this one is lifted by DDL only, which `ledger verify` reports.
REFUSE_SQL = """
CREATE OR REPLACE FUNCTION records_refuse() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_NARGS > 0
        AND current_setting('shouwen.' || TG_ARGV[0], true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% on % is refused: what is recorded is never changed or removed',
        TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation',
            HINT = 'Write a further entry that corrects the earlier one.';
END;
$$ LANGUAGE plpgsql
"""
DROP_REFUSE_SQL = "DROP FUNCTION IF EXISTS records_refuse()"

ERASING = "erasing"
"""``SET LOCAL shouwen.erasing = 'on'`` lets facts be deleted in this transaction."""


class _Refusing(pgtrigger.Trigger):
    level = pgtrigger.Statement
    when = pgtrigger.Before
    func = "RAISE EXCEPTION 'refused';"
    argument = ""

    def render_execute(self, model: models.Model) -> str:
        return f"records_refuse({self.argument})"


class AppendOnly(_Refusing):
    """Refuses UPDATE, DELETE and TRUNCATE, whoever asks."""

    name = "append_only"
    operation = pgtrigger.Update | pgtrigger.Delete | pgtrigger.Truncate


class ErasableOnly(_Refusing):
    """Refuses UPDATE and TRUNCATE; DELETE is for erasure alone, which says so first."""

    name = "erasable_only"
    operation = pgtrigger.Update | pgtrigger.Delete | pgtrigger.Truncate
    argument = f"'{ERASING}'"
