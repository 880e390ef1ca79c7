"""Refusals of the query language, as recorded where a recording exists."""

from __future__ import annotations

import pytest

from syncadmin.emulator.soql.report import window

from .conftest import Api

HINT = "Please reference your WSDL or the describe call for the appropriate names."


def test_unknown_object_has_the_recorded_text(api: Api) -> None:
    soql = "SELECT Id,Name,BillingCity,IsDeleted FROM Accout"
    assert api.refusal(soql) == (
        "INVALID_TYPE",
        "\nName,BillingCity,IsDeleted FROM Accout\n                                ^\n"
        "ERROR at Row:1:Column:43\nsObject type 'Accout' is not supported. If you are attempting to use a custom"
        f" object, be sure to append the '__c' after the entity name. {HINT}",
    )


def test_unknown_object_in_a_short_query_is_echoed_whole(api: Api) -> None:
    message = api.refusal("select count() from XYZZY")[1]
    assert message.startswith(
        "\nselect count() from XYZZY\n                    ^\nERROR at Row:1:Column:21\n"
    )


def test_unknown_field_has_the_recorded_text(api: Api) -> None:
    code, message = api.refusal("SELECT Id, Dispenser__c, Email, Company FROM Lead")
    assert code == "INVALID_FIELD"
    assert (
        "\n           ^\nERROR at Row:1:Column:12\nNo such column 'Dispenser__c' on entity 'Lead'." in message
    )
    assert message.endswith(HINT)


def test_the_row_is_counted_in_lines(api: Api) -> None:
    assert "ERROR at Row:2:Column:6" in api.refusal("SELECT Id,\n     Nope FROM Lead")[1]


def test_the_window_holds_whole_words_around_the_place() -> None:
    line = (
        "CreatedDate,CreatedById,OCE__ActualCap__c,TPI_Product__c,Name,OCE__JobId__c,LastModifiedDate FROM X"
    )
    assert window(line, 42, 56) == ("CreatedById,OCE__ActualCap__c,TPI_Product__c,Name,OCE__JobId__c", 30)


@pytest.mark.parametrize(
    ("soql", "code", "part"),
    [
        ("SELECT Id FROM Lead WHERE", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Lead WHERE Name = 'x", "MALFORMED_QUERY", "mismatched character '<EOF>'"),
        ("SELECT FROM Lead", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM Lead WHERE a = 1 AND b = 2 OR c = 3", "MALFORMED_QUERY", "unexpected token: 'OR'"),
        ("SELECT Id, Id FROM Lead", "MALFORMED_QUERY", "duplicate field selected: Id"),
        ("SELECT Id FROM Lead WHERE Foo__c = 1", "INVALID_FIELD", "No such column 'Foo__c'"),
        ("SELECT Id FROM Lead ORDER BY Foo__c", "INVALID_FIELD", "No such column 'Foo__c'"),
        ("SELECT Nope.Name FROM Lead", "INVALID_FIELD", "Didn't understand relationship 'Nope'"),
        ("SELECT Owner.Nope FROM Lead", "INVALID_FIELD", "No such column 'Nope' on entity 'Name'"),
        ("SELECT Id FROM Lead WHERE Id = 'abc'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: abc"),
        ("SELECT Id FROM Lead WHERE CreatedDate > '2026-01-01'", "INVALID_FIELD", "must be of type dateTime"),
        ("SELECT Id FROM Lead WHERE IsDeleted = 'true'", "INVALID_FIELD", "must be of type boolean"),
        ("SELECT Id FROM Lead WHERE Name = 3", "INVALID_FIELD", "should be enclosed in quotes"),
        ("SELECT Id FROM Lead WHERE Description = 'x'", "INVALID_FIELD", "can not be filtered"),
        ("SELECT Country, Name, COUNT(Id) FROM Lead GROUP BY Country", "MALFORMED_QUERY", "must be grouped"),
        ("SELECT Id FROM Lead LIMIT 1 OFFSET 3000", "NUMBER_OUTSIDE_VALID_RANGE", "2000"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(api: Api, soql: str, code: str, part: str) -> None:
    found = api.refusal(soql)
    assert found[0] == code
    assert part in found[1]


def test_no_query_at_all_is_malformed(api: Api) -> None:
    assert api.call("GET", "query").json()[0]["errorCode"] == "MALFORMED_QUERY"
