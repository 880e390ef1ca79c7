"""``manage.py reconcile``: a full check for operators and scripts."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from people.models import Person
from syncadmin.models import ReconcileRun
from tests.cycle.conftest import Ada

pytestmark = pytest.mark.django_db


def call(*arguments: str) -> str:
    out = StringIO()
    call_command("reconcile", *arguments, stdout=out)
    return out.getvalue()


def test_json_is_one_object_that_says_what_was_compared(ada: Ada) -> None:
    Person.objects.update(phone="2")
    told = json.loads(call("--json"))
    assert (told["status"], told["compared"], told["differences"]) == ("done", 1, 1)
    assert told["reasons"] == {"unexplained": 1}
    assert told["counts"]["Lead"]["differing"] == 1
    assert told["api_calls"] == 4


def test_in_words_it_is_a_line_for_each_reason(ada: Ada) -> None:
    Person.objects.update(phone="2")
    assert call().splitlines()[1] == "  Unexplained: 1"


def test_salesforce_out_of_reach_is_an_error_and_the_check_is_left_for_a_worker(
    ada: Ada, emulator: Any
) -> None:
    emulator.fault(status=503, match="*composite*", times=50)
    with pytest.raises(CommandError):
        call()
    assert ReconcileRun.objects.get().state == "running"


def test_without_a_connection_it_says_where_to_make_one(db: None) -> None:
    with pytest.raises(CommandError, match="Connection page"):
        call()
