from __future__ import annotations

import pytest

from syncadmin.salesforce.errors import CODES, explain, failure, is_transient, read_errors
from syncadmin.salesforce.explanation import ADMIN, CRM_ADMIN, MARKETER, NOBODY

#: Codes that Salesforce answers a sync with, and our own.
MUST_BE_KNOWN = [
    "REQUIRED_FIELD_MISSING",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    "INVALID_EMAIL_ADDRESS",
    "STRING_TOO_LONG",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    "DUPLICATES_DETECTED",
    "DUPLICATE_VALUE",
    "INVALID_CROSS_REFERENCE_KEY",
    "INSUFFICIENT_ACCESS",
    "INSUFFICIENT_ACCESS_OR_READONLY",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
    "INACTIVE_OWNER_OR_USER",
    "CANNOT_UPDATE_CONVERTED_LEAD",
    "ENTITY_IS_DELETED",
    "UNABLE_TO_LOCK_ROW",
    "REQUEST_LIMIT_EXCEEDED",
    "INVALID_SESSION_ID",
    "INVALID_LOGIN",
    "API_DISABLED_FOR_ORG",
    "STORAGE_LIMIT_EXCEEDED",
    "FIELD_INTEGRITY_EXCEPTION",
    "INVALID_FIELD",
    "INVALID_FIELD_FOR_INSERT_UPDATE",
    "MALFORMED_ID",
    "MISSING_REQUIRED",
    "QUEUE_REFUSED",
    "SEVERAL_MATCHES",
    "LOST_ANSWER",
    "UNREACHABLE",
    "NOT_SALESFORCE",
    "INSECURE_URL",
    "OWNER_NOT_OFFERED",
    "INVALID_CLIENT",
    "PROCESSING_HALTED",
    "SERVER_UNAVAILABLE",
]


@pytest.mark.parametrize("code", MUST_BE_KNOWN)
def test_every_code_is_explained_with_what_it_means_and_what_to_do(code: str) -> None:
    explanation = explain(code)
    assert explanation is CODES[code]
    assert all((explanation.title, explanation.meaning, explanation.advice, explanation.who))


def test_at_least_sixty_codes_are_known_in_plain_words() -> None:
    assert len(CODES) >= 60
    for code, words in CODES.items():
        assert words.who in (MARKETER, ADMIN, CRM_ADMIN, NOBODY), code
        for text in (words.title, words.meaning, words.advice):
            assert text, code
            assert code not in text
        assert all(text.endswith(".") for text in (words.meaning, words.advice)), code


def test_only_what_passes_by_itself_says_so() -> None:
    for code, words in CODES.items():
        if "it is tried again by itself" in words.advice and words.who == NOBODY:
            assert is_transient(code), code


def test_an_unknown_code_shows_the_words_of_salesforce_and_is_permanent() -> None:
    assert explain("BRAND_NEW", "The moon is wrong").meaning == "The moon is wrong"
    assert not is_transient("BRAND_NEW")


@pytest.mark.parametrize(
    "code",
    ["UNABLE_TO_LOCK_ROW", "REQUEST_LIMIT_EXCEEDED", "SERVER_UNAVAILABLE", "UNREACHABLE", "LOST_ANSWER"],
)
def test_what_passes_by_itself_is_transient(code: str) -> None:
    assert is_transient(code)
    assert not failure(code).permanent


@pytest.mark.parametrize(
    "code", ["INVALID_LOGIN", "REQUIRED_FIELD_MISSING", "DUPLICATES_DETECTED", "INSECURE_URL"]
)
def test_what_somebody_must_put_right_is_permanent(code: str) -> None:
    assert failure(code).permanent


@pytest.mark.parametrize(
    ("code", "message", "fields", "title"),
    [
        ("INVALID_OPERATION", "Queue not associated with this SObject type", (), "A queue can't own this record"),
        ("FIELD_INTEGRITY_EXCEPTION", "Owner ID: incorrect type: 00G0x", (), "A queue can't own this record"),
        ("INVALID_CROSS_REFERENCE_KEY", "owner cannot be blank", ("OwnerId",), "The owner is not accepted"),
        ("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", (), "The record is gone"),
        ("FIELD_INTEGRITY_EXCEPTION", "A country first", ("State",), "State and country do not go together"),
        ("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded.", (), "Too many requests at the same time"),
    ],
)  # fmt: skip
def test_a_code_of_many_meanings_is_told_by_its_message(
    code: str, message: str, fields: tuple[str, ...], title: str
) -> None:
    assert explain(code, message, fields).title == title


@pytest.mark.parametrize("key", ["errorCode", "statusCode"])
def test_the_code_is_read_under_both_names(key: str) -> None:
    (error,) = read_errors([{key: "UNABLE_TO_LOCK_ROW", "message": "locked", "fields": ["Id"]}])
    assert (error.code, error.message, error.fields, error.transient) == (
        "UNABLE_TO_LOCK_ROW",
        "locked",
        ("Id",),
        True,
    )


@pytest.mark.parametrize("key", ["duplicateResut", "duplicateResult"])
def test_the_records_a_duplicate_rule_found_are_named_under_both_spellings(key: str) -> None:
    match = {"matchRecords": [{"record": {"Id": "00Q000000000001AAA"}}]}
    details = {"duplicateRule": "Standard_Lead", "matchResults": [match]}
    (error,) = read_errors(
        [{"errorCode": "DUPLICATES_DETECTED", "message": "Use one of these?", key: details}]
    )
    assert error.message == "Use one of these? (Standard_Lead: 00Q000000000001AAA)"


@pytest.mark.parametrize("body", [None, "<html>", [], {}, [{"id": "1", "success": True, "errors": []}]])
def test_what_is_no_error_is_not_read_as_one(body: object) -> None:
    assert read_errors(body) == ()
