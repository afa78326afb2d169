"""Fields for what must not lie about in clear, and the transaction number of an entry."""

import hashlib
import hmac
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from shouwen.records import keyring


class Personal(str):
    """Decrypted personal text: a plain string that keeps itself out of tracebacks and logs."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<personal>"


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(text: str) -> str:
    """The text as a Fernet token (AES-128-CBC, HMAC-SHA256) under the newest field key."""
    return _cipher(keyring.in_use()).encrypt(text.encode()).decode()


def decrypt(token: str) -> Personal:
    """The text of a token, whichever of the field keys it was made under.

    Raises cryptography.fernet.InvalidToken where none fits or the token was altered.
    """
    return Personal(_cipher(keyring.in_use()).decrypt(token.encode()).decode())


def blind_index(value: str, purpose: str) -> str:
    """A keyed hash by which an encrypted value can be found again, hex HMAC-SHA256.

    Values of different purposes (telephone, last four digits) never share an index. The
    caller brings the value into one spelling first.
    """
    key = settings.SHOUWEN_INDEX_KEY.encode()
    return hmac.new(key, f"{purpose}\0{value}".encode(), hashlib.sha256).hexdigest()


class EncryptedTextField(models.TextField):
    """Text that lies encrypted in the database; an empty text stays empty.

    It cannot be searched (use :func:`blind_index` beside it); only ``isnull`` is a lookup.
    """

    def from_db_value(
        self, value: str | None, expression: Any, connection: BaseDatabaseWrapper
    ) -> str | None:
        return decrypt(value) if value else value

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return encrypt(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted and cannot be searched by {lookup_name}")
        return super().get_lookup(lookup_name)


class CurrentTransaction(models.Func):
    """The number of the writing transaction, never used twice (not the 32-bit one)."""

    function = "pg_current_xact_id"
    template = "%(function)s()"


class TransactionField(models.Field):
    """PostgreSQL's ``xid8``: a transaction number that does not wrap around, as an int."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "xid8"

    def from_db_value(
        self, value: Any, expression: Any, connection: BaseDatabaseWrapper
    ) -> int | None:
        return None if value is None else int(value)

    def to_python(self, value: Any) -> int | None:
        return None if value is None else int(value)

    def get_prep_value(self, value: Any) -> Any:
        # PostgreSQL compares xid8 with no number type, only with text it can read as one.
        value = super().get_prep_value(value)
        return str(value) if isinstance(value, int) else value
