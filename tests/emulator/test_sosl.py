"""Text search: what is found, where it is looked for, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Api


@pytest.fixture
def people(api: Api) -> Api:
    api.create(LastName="Vogel", FirstName="Ann", Company="Blue Whale", Email="ann.v+news@x.example")
    api.create(LastName="Anderson", Company="Ann & Sons", Phone="+49 (30) 123-4567")
    api.create(LastName="Keller", Company="Acme", Title="Vogel watcher", Email="keller@y.example")
    api.create("Contact", LastName="Vogelsang", Email="ann.v+news@x.example")
    return api


def search(api: Api, sosl: str, version: str = "59.0") -> Any:
    return api.call("GET", f"/services/data/v{version}/search", params={"q": sosl}).json()


def names(api: Api, sosl: str) -> str:
    """The last names found, in alphabetical order."""
    found = search(api, sosl)
    assert isinstance(found, dict), found
    return " ".join(sorted(record["LastName"] for record in found["searchRecords"]))


BOTH = "RETURNING Lead(LastName), Contact(LastName)"


@pytest.mark.parametrize(
    ("find", "expected"),
    [
        ("{vogel}", "Keller Vogel"),
        ("{vogel*}", "Keller Vogel Vogelsang"),
        ("{vog?l}", "Keller Vogel"),
        ("{ann}", "Anderson Vogel Vogelsang"),
        ("{ann whale}", "Vogel"),
        ("{whale OR acme}", "Keller Vogel"),
        ("{vogel AND NOT keller}", "Vogel"),
        ("{(whale OR acme) AND keller}", "Keller"),
        ('{"blue whale"}', "Vogel"),
        ('{"whale blue"}', ""),
        ("{vogel} IN NAME FIELDS", "Vogel"),
        ("{ann.v\\+news@x.example} IN EMAIL FIELDS", "Vogel Vogelsang"),
        ("{ann.v+news@x.example} IN EMAIL FIELDS", "Vogel Vogelsang"),
        ("{keller@y.example}", "Keller"),
        ("{y.example} IN EMAIL FIELDS", "Keller"),
        ("{301234567} IN PHONE FIELDS", "Anderson"),
        ("{\\(30\\) 123\\-4567} IN PHONE FIELDS", "Anderson"),
        ("{acme} IN EMAIL FIELDS", ""),
    ],
)
def test_a_term_finds_whole_words_unless_it_has_wildcards(people: Api, find: str, expected: str) -> None:
    assert names(people, f"FIND {find} {BOTH}") == expected


def test_records_have_attributes_and_come_in_the_order_of_returning(people: Api) -> None:
    found = search(people, "FIND {vogel*} RETURNING Contact(Id, LastName), Lead(Name ORDER BY Name DESC)")
    assert [r["attributes"]["type"] for r in found["searchRecords"]] == ["Contact", "Lead", "Lead"]
    assert list(found["searchRecords"][0]) == ["attributes", "Id", "LastName"]
    assert [r["Name"] for r in found["searchRecords"][1:]] == ["Keller", "Ann Vogel"]


def test_conditions_and_limits_hold_for_their_object(people: Api) -> None:
    assert names(people, "FIND {vogel} RETURNING Lead(LastName WHERE Email LIKE 'keller%')") == "Keller"
    assert len(search(people, "FIND {vogel} RETURNING Lead(Id LIMIT 1)")["searchRecords"]) == 1
    assert len(search(people, "FIND {ann} RETURNING Lead(Id), Contact(Id) LIMIT 2")["searchRecords"]) == 2


def test_without_returning_all_objects_answer_with_ids(people: Api) -> None:
    kinds = {r["attributes"]["type"] for r in search(people, "FIND {vogel*}")["searchRecords"]}
    assert {"Lead", "Contact"} <= kinds


def test_before_version_37_the_reply_is_a_list(people: Api) -> None:
    found = search(people, "FIND {blue whale} RETURNING Lead(Id)", "36.0")
    assert [r["attributes"]["type"] for r in found] == ["Lead"]


def test_deleted_records_are_not_found(people: Api) -> None:
    lead = search(people, "FIND {whale} RETURNING Lead(Id)")["searchRecords"][0]["Id"]
    people.call("DELETE", f"sobjects/Lead/{lead}")
    assert search(people, "FIND {whale} RETURNING Lead(Id)") == {"searchRecords": []}


def test_what_a_user_may_not_see_is_not_searched(people: Api) -> None:
    people.control("schema", {"hide": {"object": "Lead", "field": "Title"}})
    assert names(people, "FIND {watcher} RETURNING Lead(LastName)") == ""
    assert search(people, "FIND {watcher} RETURNING Lead(Title)")[0]["errorCode"] == "INVALID_FIELD"


@pytest.mark.parametrize(
    ("sosl", "code", "part"),
    [
        (
            "FIND vogel RETURNING Lead",
            "MALFORMED_SEARCH",
            "No search term found. The search term must be enclosed in braces.",
        ),
        ("", "MALFORMED_SEARCH", "No search term found. The search term must be enclosed in braces."),
        ("FIND {v}", "MALFORMED_SEARCH", "search term must be longer than one character"),
        ("FIND {***}", "MALFORMED_SEARCH", "search term must be longer than one character"),
        ("FIND {vogel} IN SOME FIELDS", "MALFORMED_SEARCH", "unexpected token: 'SOME'"),
        ("FIND {vogel} RETURNING", "MALFORMED_SEARCH", "unexpected token: '<EOF>'"),
        ("FIND {(vogel} RETURNING Lead", "MALFORMED_SEARCH", "unexpected token"),
        ("FIND {a*b*c*d*e*f*g} RETURNING Lead", "MALFORMED_SEARCH", "wildcards"),
        ("FIND {vogel} RETURNING Leed(Id)", "INVALID_TYPE", "sObject type 'Leed' is not supported"),
        ("FIND {vogel} RETURNING Group(Id)", "INVALID_TYPE", "does not support search"),
        ("FIND {vogel} RETURNING Lead(Nope)", "INVALID_FIELD", "No such column 'Nope'"),
        ("FIND {vogel} WITH SNIPPET", "MALFORMED_SEARCH", "not implemented by this emulator"),
    ],
)
def test_a_search_that_makes_no_sense_is_refused(people: Api, sosl: str, code: str, part: str) -> None:
    error = search(people, sosl)[0]
    assert error["errorCode"] == code
    assert part in error["message"]


def test_parameterized_search_takes_a_body_or_parameters(people: Api) -> None:
    body = {
        "q": "ann.v+news@x.example",
        "in": "EMAIL",
        "fields": ["Id"],
        "sobjects": [{"name": "Lead", "fields": ["LastName"], "limit": 5}, {"name": "Contact"}],
    }
    posted = people.call("POST", "parameterizedSearch", body).json()["searchRecords"]
    assert [(r["attributes"]["type"], r.get("LastName")) for r in posted] == [
        ("Lead", "Vogel"),
        ("Contact", None),
    ]
    asked = {"q": "vogel*", "sobject": ["Lead", "Contact"], "Lead.fields": "LastName", "overallLimit": "2"}
    got = people.call("GET", "parameterizedSearch", params=asked).json()["searchRecords"]
    assert [r["attributes"]["type"] for r in got] == ["Lead", "Lead"]


def test_parameterized_search_without_a_term_or_with_a_bad_name_is_refused(people: Api) -> None:
    for body in ({"sobjects": [{"name": "Lead"}]}, {"q": "vogel", "sobjects": [{"name": "Lead) LIMIT 1 ("}]}):
        reply = people.call("POST", "parameterizedSearch", body)
        assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, "MALFORMED_SEARCH")
