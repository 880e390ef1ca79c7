from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client


@pytest.fixture
def urls(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.web.urls"


@pytest.fixture
def admin(db: None) -> User:
    return User.objects.create_superuser("ada", password="demo", first_name="Ada", last_name="Byron")


@pytest.fixture
def logged_in(admin: User, urls: None) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(admin)
    return client
