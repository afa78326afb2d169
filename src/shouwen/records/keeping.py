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


REENCIPHERING = "reenciphering"
"""``SET LOCAL shouwen.reenciphering = 'on'`` lets the owner of the table put the same personal
fact under another key; a second trigger, which no setting lifts, refuses any other change."""

REENCIPHER_SQL = """
CREATE OR REPLACE FUNCTION records_refuse() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_NARGS > 0
        AND current_setting('shouwen.' || TG_ARGV[0], true) = 'on' THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' AND TG_NARGS > 1
        AND current_setting('shouwen.' || TG_ARGV[1], true) = 'on'
        AND (SELECT pg_has_role(current_user, relowner, 'USAGE')
             FROM pg_class WHERE oid = TG_RELID) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% on % is refused: what is recorded is never changed or removed',
        TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation',
            HINT = 'Write a further entry that corrects the earlier one.';
END;
$$ LANGUAGE plpgsql;
CREATE OR REPLACE FUNCTION records_same_fact() RETURNS trigger AS $$
BEGIN
    IF ROW(OLD.id, OLD.entry_id, OLD.name, OLD.salt, OLD.text)
        IS DISTINCT FROM ROW(NEW.id, NEW.entry_id, NEW.name, NEW.salt, NEW.text)
        OR OLD.ciphertext IS NULL OR NEW.ciphertext IS NULL THEN
        RAISE EXCEPTION 'UPDATE on % is refused: only the ciphertext may be another', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END;
$$ LANGUAGE plpgsql
"""

EXPIRING = "expiring"
"""``SET LOCAL shouwen.expiring = 'on'`` lets the retention job delete old notes of the access log;
a second trigger, which no setting lifts, refuses whoever does not own the table, and what is young."""

YOUNG_DAYS = 180
"""So long nobody removes a note of the access log (the Cybersecurity Law asks for six months)."""

EXPIRE_SQL = """
CREATE OR REPLACE FUNCTION records_old_only() RETURNS trigger AS $$
BEGIN
    IF OLD.at >= now() - make_interval(days => TG_ARGV[0]::int)
        OR NOT (SELECT pg_has_role(current_user, relowner, 'USAGE')
                FROM pg_class WHERE oid = TG_RELID) THEN
        RAISE EXCEPTION 'DELETE on % is refused: only the owner removes what is old', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END;
$$ LANGUAGE plpgsql
"""
DROP_EXPIRE_SQL = "DROP FUNCTION IF EXISTS records_old_only()"


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
    """Refuses UPDATE and TRUNCATE; DELETE is for erasure alone, which says so first.

    A rotation of the keys may change ciphertexts, and says so first as well.
    """

    name = "erasable_only"
    operation = pgtrigger.Update | pgtrigger.Delete | pgtrigger.Truncate
    argument = f"'{ERASING}', '{REENCIPHERING}'"


class SameFact(pgtrigger.Trigger):
    """Whatever is allowed to update: nothing but a ciphertext becomes another."""

    name = "same_fact"
    level = pgtrigger.Row
    when = pgtrigger.Before
    operation = pgtrigger.Update
    func = "RAISE EXCEPTION 'refused';"

    def render_execute(self, model: models.Model) -> str:
        return "records_same_fact()"


class ExpiringOnly(_Refusing):
    """Refuses UPDATE and TRUNCATE; DELETE is for the retention job alone, which says so first."""

    name = "append_only"
    operation = pgtrigger.Update | pgtrigger.Delete | pgtrigger.Truncate
    argument = f"'{EXPIRING}'"


class OldOnly(pgtrigger.Trigger):
    """Whatever is allowed to delete: only the owner of the table, and nothing young."""

    name = "old_only"
    level = pgtrigger.Row
    when = pgtrigger.Before
    operation = pgtrigger.Delete
    func = "RAISE EXCEPTION 'refused';"

    def render_execute(self, model: models.Model) -> str:
        return f"records_old_only('{YOUNG_DAYS}')"
