from __future__ import annotations

import pytest

from syncadmin.salesforce import soql
from syncadmin.sync.ports import SYSTEM_FIELDS, Poll


@pytest.mark.parametrize("text", ["Email", "Owner.Name", "Score__c", "ns__Field__c"])
def test_api_names_may_stand_in_a_query(text: str) -> None:
    assert soql.name(text) == text


@pytest.mark.parametrize(
    "text", ["", "1a", "Id FROM Lead", "a,b", "a.b.c", "Email'", "(SELECT", "Émail", "a\n"]
)
def test_nothing_else_may(text: str) -> None:
    with pytest.raises(ValueError, match="not an API name"):
        soql.name(text)


def test_values_can_not_break_out_of_their_quotes() -> None:
    assert soql.quote("O'Brien\\' OR Id != '") == r"'O\'Brien\\\' OR Id != \''"
    assert soql.quote("a\nb\tc") == r"'a\nb\tc'"


def test_system_fields_are_always_read_and_none_twice() -> None:
    assert soql.columns("Lead", ["email", "Email", "ID", "OwnerId"]) == [*SYSTEM_FIELDS["Lead"], "email"]


def test_reading_goes_on_strictly_behind_the_last_record_but_never_before_since() -> None:
    poll = Poll("Contact", (), "2026-01-02T03:04:05.000+0000", ("2026-01-02T04:00:00.000+0000", "003x"))
    assert soql.changes(poll).endswith(
        " FROM Contact WHERE SystemModstamp >= 2026-01-02T03:04:05.000Z"
        " AND (SystemModstamp > 2026-01-02T04:00:00.000Z"
        " OR (SystemModstamp = 2026-01-02T04:00:00.000Z AND Id > '003x'))"
        " ORDER BY SystemModstamp, Id"
    )


def test_the_first_read_asks_for_everything() -> None:
    assert soql.changes(Poll("Lead", ("Email",))).endswith(", Email FROM Lead ORDER BY SystemModstamp, Id")


@pytest.mark.parametrize("stamp", ["", "yesterday", "2026-01-02", "2026-01-02T03:04:05 OR Id != null"])
def test_only_stamps_of_salesforce_may_stand_in_a_query(stamp: str) -> None:
    with pytest.raises(ValueError, match="not a stamp"):
        soql.moment(stamp)
