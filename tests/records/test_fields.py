"""Personal fields lie encrypted, can be read with any key in use, and do not show in logs."""

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.exceptions import FieldError
from django.db import connection, models
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from shouwen.records import fields

field = fields.EncryptedTextField()
field.name = "telephone"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_what_is_encrypted_reads_back(text: str) -> None:
    token = field.get_prep_value(text)
    assert text not in token or len(text) < 3
    assert field.from_db_value(token, None, connection) == text


@pytest.mark.parametrize("nothing", ["", None])
def test_nothing_stays_nothing(nothing: str | None) -> None:
    assert field.get_prep_value(nothing) == nothing
    assert field.from_db_value(nothing, None, connection) == nothing


def test_decrypted_text_keeps_out_of_tracebacks() -> None:
    read = fields.decrypt(fields.encrypt("13800000000"))
    assert read == "13800000000" and f"{read}" == "13800000000"
    assert "13800000000" not in repr({"telephone": read})


def test_a_new_key_encrypts_and_the_old_one_still_reads(settings: Settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.SHOUWEN_FIELD_KEYS = [old]
    before = fields.encrypt("13800000000")
    settings.SHOUWEN_FIELD_KEYS = [new, old]
    assert fields.decrypt(before) == "13800000000"
    after = fields.encrypt("13800000000")
    settings.SHOUWEN_FIELD_KEYS = [new]
    assert fields.decrypt(after) == "13800000000"
    with pytest.raises(InvalidToken):
        fields.decrypt(before)


def test_an_encrypted_field_cannot_be_searched() -> None:
    assert issubclass(field.get_lookup("isnull"), models.lookups.IsNull)
    for lookup in ("exact", "icontains", "in", "gt"):
        with pytest.raises(FieldError, match="encrypted"):
            field.get_lookup(lookup)


def test_a_blind_index_depends_on_value_purpose_and_key(settings: Settings) -> None:
    index = fields.blind_index("13800000000", "telephone")
    assert index == fields.blind_index("13800000000", "telephone")
    assert len(index) == 64
    others = {fields.blind_index("13800000000", "last4"), fields.blind_index("0000", "telephone")}
    settings.SHOUWEN_INDEX_KEY = "another"
    others.add(fields.blind_index("13800000000", "telephone"))
    assert len(others) == 3 and index not in others
