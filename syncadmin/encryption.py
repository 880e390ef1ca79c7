"""Credentials at rest: a text field that is encrypted in the database.

Published fields return the ciphertext when the key is wrong, which would then be sent to Salesforce as a
password; this one refuses.
"""

from __future__ import annotations

from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


class WrongEncryptionKeyError(ImproperlyConfigured):
    """FIELD_ENCRYPTION_KEY is not the key with which the stored credentials were encrypted."""


def _cipher() -> MultiFernet:
    keys = settings.FIELD_ENCRYPTION_KEYS
    if not keys:
        raise ImproperlyConfigured(
            "FIELD_ENCRYPTION_KEY is not set. Make one with: manage.py make_encryption_key"
        )
    return MultiFernet([Fernet(key) for key in keys])


class EncryptedTextField(models.TextField):
    """Text that only ever leaves the process encrypted; blank stays blank."""

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return _cipher().encrypt(text.encode()).decode() if text else ""

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str:
        if not value:
            return ""
        try:
            return _cipher().decrypt(value.encode()).decode()
        except InvalidToken:
            raise WrongEncryptionKeyError(
                "The stored credentials can't be decrypted: FIELD_ENCRYPTION_KEY is not the key they were "
                "encrypted with. Restore the key, or enter the credentials again."
            ) from None
